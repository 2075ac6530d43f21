"""Exports with purpose, second person and watermark."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "20261122_7"
down_revision = "20261122_6"
branch_labels = None
depends_on = None


def _when(name: str) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f'fk_{table}_{column}'))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table('export',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tag', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    _text('name', 50), _text('kind', 20),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('columns', sa.ARRAY(sa.Text()), nullable=False),
    _text('purpose', 20),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('second', sa.Boolean(), nullable=False),
    _when('requested_at'), _when('good_until'),
    sa.CheckConstraint('rows >= 0', name=op.f('ck_export_rows_are_a_count')),
    _points('export', 'account_id', 'account.id'), _points('export', 'post_id', 'post.id'),
    _points('export', 'region_code', 'region.code'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export')),
    info={'placement': 'local'}
    )
    op.create_index('uq_export_tag', 'export', ['tag'], unique=True)
    op.create_index('ix_export_account_id_requested_at', 'export', ['account_id', 'requested_at'], unique=False)
    op.create_index('ix_export_region_code_requested_at', 'export', ['region_code', 'requested_at'], unique=False)
    op.create_table('export_step',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('export_id', sa.Uuid(), nullable=False),
    _text('kind', 8),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    _text('name', 50),
    _when('at'),
    sa.Column('rows', sa.Integer(), nullable=False),
    _text('format', 4),
    sa.CheckConstraint('rows >= 0', name=op.f('ck_export_step_rows_are_a_count')),
    _points('export_step', 'export_id', 'export.id'), _points('export_step', 'account_id', 'account.id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export_step')),
    info={'placement': 'local'}
    )
    op.create_index('ix_export_step_export_id', 'export_step', ['export_id'], unique=False)
    op.create_index('uq_export_step_verdict', 'export_step', ['export_id'], unique=True,
                    postgresql_where=sa.text("kind <> 'taken'"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in ('export_step', 'export'):
        op.drop_table(table)
