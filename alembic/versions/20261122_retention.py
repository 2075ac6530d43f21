"""Counters of what was erased; certificates of a stand-down."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "20261122_8"
down_revision = "20261122_7"
branch_labels = None
depends_on = None


def _when(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for name in ("fk_resident_current_code", "ck_resident_away_until_from_somewhere"):
        op.execute(f"ALTER TABLE resident VALIDATE CONSTRAINT {name}")
    op.create_table('erasure',
    sa.Column('day', sa.Date(), nullable=False),
    _text('kind', 24),
    sa.Column('rows', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('rows > 0', name=op.f('ck_erasure_rows_are_a_count')),
    sa.PrimaryKeyConstraint('day', 'kind', name=op.f('pk_erasure')),
    info={'placement': 'local'}
    )
    op.create_table('stand_down',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('by_account', sa.Uuid(), nullable=False),
    _text('by_name', 50),
    _when('at'),
    sa.Column('second_account', sa.Uuid(), nullable=True),
    _text('second_name', 50, nullable=True),
    _when('done_at', nullable=True),
    sa.Column('root_through', sa.SmallInteger(), nullable=True),
    sa.Column('data_key_through', sa.SmallInteger(), nullable=True),
    sa.Column('fingerprints', sa.Text(), nullable=True),
    _when('people_erased_at', nullable=True), _when('reports_erased_at', nullable=True),
    sa.Column('ended', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_stand_down_response_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stand_down')),
    info={'placement': 'local'}
    )
    op.create_index('ix_stand_down_response_id', 'stand_down', ['response_id'], unique=False)
    op.create_index('uq_stand_down_done', 'stand_down', ['response_id'], unique=True,
                    postgresql_where=sa.text('done_at IS NOT NULL'))
    op.create_table('certificate',
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    _when('at'),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_certificate_response_id')),
    sa.PrimaryKeyConstraint('response_id', name=op.f('pk_certificate')),
    info={'placement': 'local'}
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in ('certificate', 'stand_down', 'erasure'):
        op.drop_table(table)
