"""Responses, work groups, posts of all levels, shifts, absences, hand-overs."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "20261122_3"
down_revision = "20261122_2"
branch_labels = None
depends_on = None

ROLES = (
    "'grid_worker', 'village_cadre', 'party_member', 'doctor', 'checkpoint_officer', 'gate_officer', 'list_clerk', "
    "'reviewer', 'market_inspector', 'supervisor', 'administrator', 'auditor'"
)
# Posts of the first version belong to a response that began with the first of them. Their phone is their account's;
# the sealed copy and the spellings are filled in by `shouwang migrate` (app.staff.complete), which holds the keys.
RESPONSE = """
INSERT INTO response (id, name, region_code, started_on, created_at)
SELECT '019391b2-0000-7000-8000-000000000001', '应急响应', min(region_code) / 10000000000000 * 10000000000000,
       min(valid_from), min(created_at)
FROM post HAVING count(*) > 0
"""
FILL = """
UPDATE post SET response_id = '019391b2-0000-7000-8000-000000000001', phone_index = account.phone_index,
  phone_sealed = '', given = '', pinyin = '', given_pinyin = '', initials = '', lead = false, department = '',
  created_by = '00000000-0000-0000-0000-000000000000', invited_at = post.created_at, activated_at = post.created_at,
  ended_at = CASE WHEN post.valid_to < CURRENT_DATE THEN post.created_at END
FROM account WHERE account.id = post.account_id
"""
TEXT = sqlmodel.sql.sqltypes.AutoString
WHEN = sqlmodel.sql.sqltypes.UTCDateTime
NEW = [
    ("response_id", sa.Uuid(), False), ("phone_index", sa.LargeBinary(), False), ("phone_sealed", sa.LargeBinary(), False),
    ("given", TEXT(length=50), False), ("pinyin", TEXT(length=200), False), ("given_pinyin", TEXT(length=200), False),
    ("initials", TEXT(length=50), False), ("group_id", sa.Uuid(), True), ("lead", sa.Boolean(), False),
    ("department", TEXT(length=60), False), ("substitute_id", sa.Uuid(), True), ("sheet_id", sa.Uuid(), True),
    ("created_by", sa.Uuid(), False), ("invited_at", WHEN(), False), ("activated_at", WHEN(), True),
    ("ended_at", WHEN(), True),
]
SPELLED = ("name", "given", "pinyin", "given_pinyin", "initials")


def at_once(rule: str, statement: str) -> None:
    """The first version knew grid workers and village cadres: `post` is small, and a short lock spares three steps."""
    op.execute(f"-- squawk-ignore {rule}\n{statement}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table('response',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', TEXT(length=60), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('created_at', WHEN(), nullable=False),
    sa.Column('stood_down_at', WHEN(), nullable=True),
    sa.CheckConstraint('char_length(name) BETWEEN 1 AND 60', name=op.f('ck_response_name_has_letters')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_response_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response')),
    info={'placement': 'local'}
    )
    op.create_index('uq_response_active', 'response', [sa.text('(stood_down_at IS NULL)')], unique=True, postgresql_where=sa.text('stood_down_at IS NULL'))
    op.create_table('work_group',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('name', TEXT(length=40), nullable=False),
    sa.Column('created_at', WHEN(), nullable=False),
    sa.Column('closed_at', WHEN(), nullable=True),
    sa.CheckConstraint('char_length(name) BETWEEN 1 AND 40', name=op.f('ck_work_group_name_has_letters')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_work_group_region_code')),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_work_group_response_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_group')),
    info={'placement': 'local'}
    )
    op.create_index('uq_work_group_place', 'work_group', ['response_id', 'region_code', 'name'], unique=True)
    for name, kind, _ in NEW:
        op.add_column('post', sa.Column(name, kind, nullable=True))
    op.execute(RESPONSE)
    op.execute(FILL)
    for name, _, nullable in NEW:
        if not nullable:
            at_once("adding-not-nullable-field", "ALTER TABLE post ALTER COLUMN %s SET NOT NULL" % name)
    at_once("ban-drop-constraint", "ALTER TABLE post DROP CONSTRAINT ck_post_role_is_known")
    at_once("constraint-missing-not-valid",
            f"ALTER TABLE post ADD CONSTRAINT ck_post_role_is_known CHECK (role IN ({ROLES}))")
    at_once("ban-drop-not-null", "ALTER TABLE post ALTER COLUMN account_id DROP NOT NULL")
    for name, there in (('response_id', 'response'), ('group_id', 'work_group')):
        at_once("constraint-missing-not-valid",
                f"ALTER TABLE post ADD CONSTRAINT fk_post_{name} FOREIGN KEY ({name}) REFERENCES {there} (id)")
    at_once("require-concurrent-index-deletion", "DROP INDEX ix_post_region_code")
    at_once("require-concurrent-index-deletion", "DROP INDEX ix_post_account_id")
    op.create_index('ix_post_account_id', 'post', ['account_id'], unique=False, postgresql_where=sa.text('account_id IS NOT NULL'))
    op.create_index('ix_post_region_code_role', 'post', ['region_code', 'role'], unique=False)
    op.create_index('ix_post_substitute_id', 'post', ['substitute_id'], unique=False, postgresql_where=sa.text('substitute_id IS NOT NULL'))
    op.create_index('uq_post_duty', 'post', ['phone_index', 'region_code', 'role', 'group_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), postgresql_nulls_not_distinct=True)
    for name in SPELLED:
        op.create_index(f'ix_post_{name}', 'post', [name], unique=False, postgresql_ops={name: 'text_pattern_ops'}, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('post_ending',
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('kind', TEXT(length=12), nullable=False),
    sa.Column('by_account', sa.Uuid(), nullable=False),
    sa.Column('at', WHEN(), nullable=False),
    sa.Column('successor_id', sa.Uuid(), nullable=True),
    sa.Column('moved', sa.Integer(), nullable=False),
    sa.Column('reason', TEXT(length=200), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_ending_post_id')),
    sa.ForeignKeyConstraint(['successor_id'], ['post.id'], name=op.f('fk_post_ending_successor_id')),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_post_ending')),
    info={'placement': 'local'}
    )
    op.create_index('ix_post_ending_successor_id', 'post_ending', ['successor_id'], unique=False)
    op.create_table('shift',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', WHEN(), nullable=False),
    sa.Column('ends_at', WHEN(), nullable=False),
    sa.Column('by_account', sa.Uuid(), nullable=False),
    sa.Column('created_at', WHEN(), nullable=False),
    sa.Column('cancelled_at', WHEN(), nullable=True),
    sa.CheckConstraint("ends_at > starts_at AND ends_at <= starts_at + interval '36 hours'", name=op.f('ck_shift_span_is_human')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_shift_post_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shift')),
    info={'placement': 'local'}
    )
    op.create_index('ix_shift_post_id_ends_at', 'shift', ['post_id', 'ends_at'], unique=False)
    op.create_index('ix_shift_region_code_ends_at', 'shift', ['region_code', 'ends_at'], unique=False)
    op.create_table('absence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('substitute_id', sa.Uuid(), nullable=True),
    sa.Column('from_at', WHEN(), nullable=False),
    sa.Column('until_at', WHEN(), nullable=False),
    sa.Column('reason', TEXT(length=100), nullable=False),
    sa.Column('by_account', sa.Uuid(), nullable=False),
    sa.Column('created_at', WHEN(), nullable=False),
    sa.Column('ended_at', WHEN(), nullable=True),
    sa.CheckConstraint('until_at > from_at', name=op.f('ck_absence_span_is_forward')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_absence_post_id')),
    sa.ForeignKeyConstraint(['substitute_id'], ['post.id'], name=op.f('fk_absence_substitute_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence')),
    info={'placement': 'local'}
    )
    op.create_index('ix_absence_post_id_until_at', 'absence', ['post_id', 'until_at'], unique=False)
    op.create_index('ix_absence_substitute_id', 'absence', ['substitute_id'], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for name in ('absence', 'shift', 'post_ending'):
        op.drop_table(name)
    # Invitations and duties that the first version does not know cannot stay.
    op.execute("DELETE FROM post WHERE account_id IS NULL OR role NOT IN ('grid_worker', 'village_cadre')")
    for name in ('uq_post_duty', 'ix_post_region_code_role', 'ix_post_substitute_id', *(f'ix_post_{name}' for name in SPELLED)):
        op.drop_index(name, table_name='post')
    op.drop_index('ix_post_account_id', table_name='post')
    op.drop_constraint(op.f('ck_post_role_is_known'), 'post')
    for name, _, _ in reversed(NEW):
        op.drop_column('post', name)
    op.execute("ALTER TABLE post ADD CONSTRAINT ck_post_role_is_known CHECK (role IN ('grid_worker', 'village_cadre')) NOT VALID")
    op.execute("ALTER TABLE post VALIDATE CONSTRAINT ck_post_role_is_known")
    op.alter_column('post', 'account_id', nullable=False)
    op.create_index('ix_post_account_id', 'post', ['account_id'], unique=False)
    op.create_index('ix_post_region_code', 'post', ['region_code'], unique=False)
    op.drop_table('work_group')
    op.drop_table('response')
