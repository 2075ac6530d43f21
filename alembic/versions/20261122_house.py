"""The house: regions, accounts, posts, residents, check-ins by month, the ledger, the first rules."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '20261122'
down_revision = None
branch_labels = None
depends_on = None


# The first rule set, for everybody everywhere: 37.3 C inclusive (armpit). General and employee reports: fever or
# breathing trouble is urgent, any other symptom needs attention; under observation any listed symptom is urgent.
# Masks: breathing = chest_tightness 2048 + short_breath 32768; all symptoms = 524286.
RULES = """
INSERT INTO verdict_rule (version, programme, region_code, last_code, in_force_from, fever_at, urgent_symptoms,
                          temperature_asked, slots_a_day, due_am, due_pm, source)
VALUES (1, 0, 0, 999999999999999, '2020-01-01', 37.3, 34816, false, 1, '10:00', '20:00', 'default set, general'),
       (2, 1, 0, 999999999999999, '2020-01-01', 37.3, 34816, true, 1, '09:00', '09:00', 'default set, employee'),
       (3, 2, 0, 999999999999999, '2020-01-01', 37.3, 524286, true, 2, '10:00', '20:00', 'default set, home observation')
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table('account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    info={'placement': 'local'}
    )
    op.create_index('ix_account_person_id', 'account', ['person_id'], unique=False)
    op.create_index('uq_account_phone_index', 'account', ['phone_index'], unique=True)
    op.create_table('audit_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('actor_name', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('act', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event')),
    info={'placement': 'local'}
    )
    op.create_index('ix_audit_event_person_id_at', 'audit_event', ['person_id', 'at'], unique=False)
    op.create_table('checkin',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('slot', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('filled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reporter_id', sa.Uuid(), nullable=False),
    sa.Column('symptoms', sa.Integer(), nullable=False),
    sa.Column('rule_version', sa.Integer(), nullable=False),
    sa.Column('via', sa.SmallInteger(), nullable=False),
    sa.Column('exposed', sa.SmallInteger(), nullable=False),
    sa.Column('place', sa.SmallInteger(), nullable=True),
    sa.Column('needs', sa.SmallInteger(), nullable=False),
    sa.Column('verdict', sa.SmallInteger(), nullable=False),
    sa.Column('flags', sa.SmallInteger(), nullable=False),
    sa.Column('temperature', sa.Numeric(precision=3, scale=1), nullable=True),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint('slot BETWEEN 0 AND 2 AND exposed BETWEEN 0 AND 2 AND verdict BETWEEN 0 AND 2 AND via BETWEEN 0 AND 2 AND symptoms BETWEEN 1 AND 524287 AND (symptoms & 1 = 0 OR symptoms = 1)', name=op.f('ck_checkin_codes_are_known')),
    sa.CheckConstraint('temperature BETWEEN 34.0 AND 43.0', name=op.f('ck_checkin_temperature_is_human')),
    sa.PrimaryKeyConstraint('person_id', 'day', 'slot', name=op.f('pk_checkin')),
    info={'placement': 'person'},
    postgresql_partition_by='RANGE (day)'
    )
    op.create_table('checkin_correction',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('slot', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('filled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reporter_id', sa.Uuid(), nullable=False),
    sa.Column('symptoms', sa.Integer(), nullable=False),
    sa.Column('rule_version', sa.Integer(), nullable=False),
    sa.Column('via', sa.SmallInteger(), nullable=False),
    sa.Column('exposed', sa.SmallInteger(), nullable=False),
    sa.Column('place', sa.SmallInteger(), nullable=True),
    sa.Column('needs', sa.SmallInteger(), nullable=False),
    sa.Column('verdict', sa.SmallInteger(), nullable=False),
    sa.Column('flags', sa.SmallInteger(), nullable=False),
    sa.Column('temperature', sa.Numeric(precision=3, scale=1), nullable=True),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint('slot BETWEEN 0 AND 2 AND exposed BETWEEN 0 AND 2 AND verdict BETWEEN 0 AND 2 AND via BETWEEN 0 AND 2 AND symptoms BETWEEN 1 AND 524287 AND (symptoms & 1 = 0 OR symptoms = 1)', name=op.f('ck_checkin_correction_codes_are_known')),
    sa.CheckConstraint('temperature BETWEEN 34.0 AND 43.0', name=op.f('ck_checkin_correction_temperature_is_human')),
    sa.PrimaryKeyConstraint('person_id', 'day', 'slot', 'id', name=op.f('pk_checkin_correction')),
    info={'placement': 'person'}
    )
    op.create_table('data_key',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('county_code', sa.BigInteger(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_key')),
    info={'placement': 'reference'}
    )
    op.create_index('uq_data_key_county_code', 'data_key', ['county_code'], unique=True)
    op.create_table('identity_claim',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('blind_index', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_identity_claim')),
    info={'placement': 'local'}
    )
    op.create_index('ix_identity_claim_blind_index', 'identity_claim', ['blind_index'], unique=False)
    op.create_table('identity_key',
    sa.Column('blind_index', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('blind_index', name=op.f('pk_identity_key')),
    info={'placement': 'local'}
    )
    op.create_index('ix_identity_key_person_id', 'identity_key', ['person_id'], unique=False)
    op.create_table('message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('template', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('facts_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    info={'placement': 'local'}
    )
    op.create_index('ix_message_created_at', 'message', ['created_at'], unique=False)
    op.create_table('rate_window',
    sa.Column('subject', sa.LargeBinary(), nullable=False),
    sa.Column('starts_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('subject', 'starts_at', name=op.f('pk_rate_window')),
    info={'placement': 'local'},
    prefixes=['UNLOGGED']
    )
    op.create_table('region',
    sa.Column('code', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('last_code', sa.BigInteger(), nullable=False),
    sa.Column('parent_code', sa.BigInteger(), nullable=True),
    sa.Column('level', sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('pinyin', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('initials', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint('code BETWEEN 110000000000000 AND 999999999999999', name=op.f('ck_region_code_has_15_digits')),
    sa.CheckConstraint('last_code >= code', name=op.f('ck_region_range_is_forward')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_region')),
    info={'placement': 'reference'}
    )
    op.create_index('ix_region_initials', 'region', ['initials'], unique=False, postgresql_ops={'initials': 'text_pattern_ops'})
    op.create_index('ix_region_name', 'region', ['name'], unique=False, postgresql_ops={'name': 'text_pattern_ops'})
    op.create_index('ix_region_parent_code', 'region', ['parent_code'], unique=False)
    op.create_index('ix_region_pinyin', 'region', ['pinyin'], unique=False, postgresql_ops={'pinyin': 'text_pattern_ops'})
    op.create_table('revocation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('device', sa.LargeBinary(), nullable=True),
    sa.Column('before', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('soft', sa.Boolean(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revocation')),
    info={'placement': 'local'}
    )
    op.create_index('ix_revocation_created_at', 'revocation', ['created_at'], unique=False)
    op.create_index('ix_revocation_expires_at', 'revocation', ['expires_at'], unique=False)
    op.create_table('sign_in_code',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('code_digest', sa.LargeBinary(), nullable=False),
    sa.Column('tries', sa.SmallInteger(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint('tries BETWEEN 0 AND 5', name=op.f('ck_sign_in_code_tries_are_few')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_code')),
    info={'placement': 'local'}
    )
    op.create_index('ix_sign_in_code_phone_index_created_at', 'sign_in_code', ['phone_index', 'created_at'], unique=False)
    op.create_table('verdict_rule',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('programme', sa.SmallInteger(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('last_code', sa.BigInteger(), nullable=False),
    sa.Column('in_force_from', sa.Date(), nullable=False),
    sa.Column('fever_at', sa.Numeric(precision=3, scale=1), nullable=False),
    sa.Column('urgent_symptoms', sa.Integer(), nullable=False),
    sa.Column('temperature_asked', sa.Boolean(), nullable=False),
    sa.Column('slots_a_day', sa.SmallInteger(), nullable=False),
    sa.Column('due_am', sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
    sa.Column('due_pm', sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.CheckConstraint('fever_at BETWEEN 34.0 AND 43.0', name=op.f('ck_verdict_rule_fever_is_a_temperature')),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_verdict_rule')),
    info={'placement': 'reference'}
    )
    op.create_index('uq_verdict_rule_programme_region_in_force', 'verdict_rule', ['programme', 'region_code', 'in_force_from'], unique=True)
    op.create_table('dependant',
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('relation', sa.SmallInteger(), nullable=False),
    sa.Column('identity_index', sa.LargeBinary(), nullable=True),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('relation IN (1, 2, 3, 4, 9)', name=op.f('ck_dependant_relation_is_known')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_dependant_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'person_id', name=op.f('pk_dependant')),
    info={'placement': 'local'}
    )
    op.create_index('ix_dependant_person_id', 'dependant', ['person_id'], unique=False)
    op.create_table('post',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("role IN ('grid_worker', 'village_cadre')", name=op.f('ck_post_role_is_known')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('ck_post_dates_are_forward')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_post_account_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_post_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post')),
    info={'placement': 'local'}
    )
    op.create_index('ix_post_account_id', 'post', ['account_id'], unique=False)
    op.create_index('ix_post_region_code', 'post', ['region_code'], unique=False)
    op.create_table('resident',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
    sa.Column('id_type', sa.SmallInteger(), nullable=False),
    sa.Column('id_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('address_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('programme', sa.SmallInteger(), nullable=False),
    sa.Column('registered_by', sa.Uuid(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('(id_type = 0) = (id_sealed IS NULL)', name=op.f('ck_resident_document_or_none')),
    sa.CheckConstraint('char_length(name) BETWEEN 1 AND 50', name=op.f('ck_resident_name_has_letters')),
    sa.CheckConstraint('programme BETWEEN 0 AND 2', name=op.f('ck_resident_programme_is_known')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_resident_region_code')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_resident')),
    info={'placement': 'person'}
    )
    op.create_index('ix_resident_region_code', 'resident', ['region_code'], unique=False)
    op.execute(RULES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index('ix_resident_region_code', table_name='resident')
    op.drop_table('resident')
    op.drop_index('ix_post_region_code', table_name='post')
    op.drop_index('ix_post_account_id', table_name='post')
    op.drop_table('post')
    op.drop_index('ix_dependant_person_id', table_name='dependant')
    op.drop_table('dependant')
    op.drop_index('uq_verdict_rule_programme_region_in_force', table_name='verdict_rule')
    op.drop_table('verdict_rule')
    op.drop_index('ix_sign_in_code_phone_index_created_at', table_name='sign_in_code')
    op.drop_table('sign_in_code')
    op.drop_index('ix_revocation_expires_at', table_name='revocation')
    op.drop_index('ix_revocation_created_at', table_name='revocation')
    op.drop_table('revocation')
    op.drop_index('ix_region_pinyin', table_name='region', postgresql_ops={'pinyin': 'text_pattern_ops'})
    op.drop_index('ix_region_parent_code', table_name='region')
    op.drop_index('ix_region_name', table_name='region', postgresql_ops={'name': 'text_pattern_ops'})
    op.drop_index('ix_region_initials', table_name='region', postgresql_ops={'initials': 'text_pattern_ops'})
    op.drop_table('region')
    op.drop_table('rate_window')
    op.drop_index('ix_message_created_at', table_name='message')
    op.drop_table('message')
    op.drop_index('ix_identity_key_person_id', table_name='identity_key')
    op.drop_table('identity_key')
    op.drop_index('ix_identity_claim_blind_index', table_name='identity_claim')
    op.drop_table('identity_claim')
    op.drop_index('uq_data_key_county_code', table_name='data_key')
    op.drop_table('data_key')
    op.drop_table('checkin_correction')
    op.drop_table('checkin')
    op.drop_index('ix_audit_event_person_id_at', table_name='audit_event')
    op.drop_table('audit_event')
    op.drop_index('uq_account_phone_index', table_name='account')
    op.drop_index('ix_account_person_id', table_name='account')
    op.drop_table('account')
