"""Messages: the newest deliveries, and those that failed on our side, are found without reading all of them; when a
receipt came again; which browser is pushed to."""

import sqlalchemy as sa
from alembic import op

revision = '20261125_1'
down_revision = '20261124_4'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_index('ix_delivery_created_at', 'delivery', ['created_at'], unique=False)
    op.create_index(
        'ix_delivery_failed', 'delivery', ['state_at'], unique=False,
        postgresql_where=sa.text("state = 'technical_failure'"),
    )
    op.add_column('receipt', sa.Column('repeated_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        'ix_receipt_repeated_at', 'receipt', ['repeated_at'], unique=False,
        postgresql_where=sa.text('repeated_at IS NOT NULL'),
    )
    op.add_column('push_subscription', sa.Column('agent', sa.String(length=60), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column('push_subscription', 'agent')
    op.drop_index('ix_receipt_repeated_at', table_name='receipt')
    op.drop_column('receipt', 'repeated_at')
    op.drop_index('ix_delivery_failed', table_name='delivery')
    op.drop_index('ix_delivery_created_at', table_name='delivery')
