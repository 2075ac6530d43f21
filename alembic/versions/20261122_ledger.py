"""The sealed ledger: chains of hashes per county, anchored heads."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "20261122_1"
down_revision = "20261122"
branch_labels = None
depends_on = None


LATE = ("request_id", "origin", "facts", "place_code", "subject", "post_id")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column('audit_event', sa.Column('post_id', sa.Uuid(), nullable=True))
    op.add_column('audit_event', sa.Column('subject', sa.Uuid(), nullable=True))
    op.add_column('audit_event', sa.Column('place_code', sa.BigInteger(), nullable=True))
    op.add_column('audit_event', sa.Column('facts', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
    op.add_column('audit_event', sa.Column('origin', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True))
    op.add_column('audit_event', sa.Column('request_id', sa.Uuid(), nullable=True))
    # Acts that are not about one resident are written down as well. No reader expects a person in every row any more,
    # and no writer of before leaves it out.
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE audit_event ALTER COLUMN person_id DROP NOT NULL")
    op.create_table('audit_ledger',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=True),
    sa.Column('actor_name', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('subject', sa.Uuid(), nullable=True),
    sa.Column('place_code', sa.BigInteger(), nullable=True),
    sa.Column('act', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('facts', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
    sa.Column('origin', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
    sa.Column('request_id', sa.Uuid(), nullable=True),
    sa.Column('chain', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('previous', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('chain', 'seq', name=op.f('pk_audit_ledger')),
    info={'placement': 'local'}
    )
    op.create_index('ix_audit_ledger_person_id_at', 'audit_ledger', ['person_id', 'at'], unique=False)
    op.create_index('ix_audit_ledger_account_id_at', 'audit_ledger', ['account_id', 'at'], unique=False)
    op.create_index('ix_audit_ledger_place_code_at', 'audit_ledger', ['place_code', 'at'], unique=False)
    op.create_index('ix_audit_ledger_at', 'audit_ledger', ['at'], unique=False)
    op.create_table('audit_checkpoint',
    sa.Column('chain', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('key_id', sa.SmallInteger(), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('chain', 'seq', name=op.f('pk_audit_checkpoint')),
    info={'placement': 'local'}
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table('audit_checkpoint')
    op.drop_table('audit_ledger')
    # What is not about one resident had no place in the ledger before.
    op.execute("DELETE FROM audit_event WHERE person_id IS NULL")
    op.alter_column('audit_event', 'person_id', existing_type=sa.Uuid(), nullable=False)
    for name in LATE:
        op.drop_column('audit_event', name)
