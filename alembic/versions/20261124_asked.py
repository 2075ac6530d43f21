"""When a provider was asked what became of a delivery; tries by their time, for what is said of providers."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '20261124_1'
down_revision = '20261123_2'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column('delivery', sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_index('ix_delivery_attempt_started_at', 'delivery_attempt', ['started_at'], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index('ix_delivery_attempt_started_at', table_name='delivery_attempt')
    op.drop_column('delivery', 'asked_at')
