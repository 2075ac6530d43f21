"""Calls: by which act of whom a delivery was tried by telephone; the list of those who are to be called."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_2'
down_revision = '20261124_1'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column('delivery_attempt', sa.Column('act_id', sa.Uuid(), nullable=True))
    op.add_column('delivery_attempt', sa.Column('by_account', sa.Uuid(), nullable=True))
    op.create_index(
        'ix_delivery_calls', 'delivery', ['message_id'], unique=False,
        postgresql_where=sa.text("channel = 'call' AND state = 'pending'"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index('ix_delivery_calls', table_name='delivery')
    op.drop_column('delivery_attempt', 'by_account')
    op.drop_column('delivery_attempt', 'act_id')
