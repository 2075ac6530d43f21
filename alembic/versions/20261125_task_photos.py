"""Photos of how a task went."""

import sqlalchemy as sa
from alembic import op

revision = '20261125_2'
down_revision = '20261125_1'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table('task_photo',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('place', sa.SmallInteger(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('picture_sealed', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('place BETWEEN 1 AND 3', name=op.f('ck_task_photo_photos_are_few')),
    sa.CheckConstraint('size > 0', name=op.f('ck_task_photo_size_is_positive')),
    sa.ForeignKeyConstraint(['id'], ['task_step.id'], name=op.f('fk_task_photo_id')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_photo_task_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_photo')),
    info={'placement': 'local'}
    )
    op.create_index('uq_task_photo_task_id_place', 'task_photo', ['task_id', 'place'], unique=True)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table('task_photo')
