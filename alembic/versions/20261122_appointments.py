"""Sheets of appointments: staged rows, plans, undo; activation."""

import sqlalchemy as sa  # noqa: F401
import sqlmodel  # noqa: F401
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_4"
down_revision = "20261122_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table('sheet',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('by_account', sa.Uuid(), nullable=False),
    sa.Column('by_post_id', sa.Uuid(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('headers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('mapping', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
    sa.Column('more_worksheets', sa.SmallInteger(), nullable=False),
    sa.Column('rows_in', sa.Integer(), nullable=False),
    sa.Column('new', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('missing', sa.Integer(), nullable=False),
    sa.Column('kept', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('planned_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('applied_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('undone_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("state = 'staged' OR rows_in = new + changed + unchanged + refused", name=op.f('ck_sheet_counts_add_up')),
    sa.CheckConstraint("state IN ('staged', 'planned', 'applied', 'undone')", name=op.f('ck_sheet_state_is_known')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_sheet_region_code')),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_sheet_response_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sheet')),
    info={'placement': 'local'}
    )
    op.create_index('ix_sheet_created_at', 'sheet', ['created_at'], unique=False)
    op.create_index('ix_sheet_region_code_created_at', 'sheet', ['region_code', 'created_at'], unique=False)
    op.create_table('sheet_row',
    sa.Column('sheet_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(length=9), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.Column('field', sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
    sa.Column('cell', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
    sa.Column('hint', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
    sa.Column('post_id', sa.Uuid(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
    sa.Column('given', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
    sa.Column('pinyin', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
    sa.Column('given_pinyin', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
    sa.Column('initials', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.Column('region_code', sa.BigInteger(), nullable=True),
    sa.Column('group_name', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
    sa.Column('lead', sa.Boolean(), nullable=True),
    sa.Column('department', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('substitute_index', sa.LargeBinary(), nullable=True),
    sa.Column('matched_id', sa.Uuid(), nullable=True),
    sa.Column('substitute_id', sa.Uuid(), nullable=True),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.CheckConstraint("(matched_id IS NOT NULL) = (outcome IN ('changed', 'unchanged'))", name=op.f('ck_sheet_row_matched_when_there')),
    sa.CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name=op.f('ck_sheet_row_refused_with_reason')),
    sa.CheckConstraint("outcome IN ('new', 'changed', 'unchanged', 'refused')", name=op.f('ck_sheet_row_outcome_is_known')),
    sa.PrimaryKeyConstraint('sheet_id', 'number', name=op.f('pk_sheet_row')),
    info={'placement': 'local'}
    )
    op.create_index('ix_sheet_row_refused', 'sheet_row', ['sheet_id', 'number'], unique=False, postgresql_where=sa.text("outcome = 'refused'"))
    op.create_table('sheet_source',
    sa.Column('sheet_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_sheet_source_sheet_id')),
    sa.PrimaryKeyConstraint('sheet_id', name=op.f('pk_sheet_source')),
    info={'placement': 'local'}
    )
    op.create_table('activation_ticket',
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('tries', sa.SmallInteger(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('by_account', sa.Uuid(), nullable=True),
    sa.CheckConstraint('tries BETWEEN 0 AND 5', name=op.f('ck_activation_ticket_tries_are_few')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_activation_ticket_post_id')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_activation_ticket')),
    info={'placement': 'local'}
    )
    op.create_index('ix_activation_ticket_expires_at', 'activation_ticket', ['expires_at'], unique=False)
    op.create_index('ix_activation_ticket_post_id', 'activation_ticket', ['post_id'], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table('activation_ticket')
    op.drop_table('sheet_source')
    op.drop_table('sheet_row')
    op.drop_table('sheet')
