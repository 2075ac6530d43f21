"""When somebody last did something to a task: found by their account."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_4'
down_revision = '20261124_3'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_index(
        'ix_task_step_by_account', 'task_step', ['by_account', 'at'], unique=False,
        postgresql_where=sa.text('by_account IS NOT NULL'),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index('ix_task_step_by_account', table_name='task_step')
