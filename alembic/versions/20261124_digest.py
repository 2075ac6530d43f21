"""Digests: for which hour the work of a robot's unit was last counted, and what was found."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '20261124_3'
down_revision = '20261124_2'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column('robot', sa.Column('counted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column('robot', sa.Column('counted', sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column('robot', 'counted')
    op.drop_column('robot', 'counted_at')
