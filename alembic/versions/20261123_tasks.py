"""Tasks with one accountable person each, their history, and the ladders that climb when nobody acts."""

from datetime import date

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '20261123_2'
down_revision = '20261123_1'
branch_labels = None
depends_on = None


# The first ladders, for everybody everywhere, as models/tasks/ladders.py had them on this day.
_PATIENT = (
        '[{"after":1800,"act":"tell","to":"owner","template":"task_unaccepted","base":"start","unless":"accepted"},'
        '{"after":7200,"act":"climb","to":"above","template":"task_climbed","base":"start","unless":"accepted"},'
        '{"after":0,"act":"tell","to":"owner","template":"task_overdue","base":"due","unless":"closed"},'
        '{"after":14400,"act":"climb","to":"above","template":"task_climbed","base":"due","unless":"closed"},'
        '{"after":86400,"act":"climb","to":"above","template":"task_climbed","base":"due","unless":"closed"}]'
)
LADDERS = (
    (1, 'missing_report', (
        '[{"after":0,"act":"tell","to":"self","template":"report_missing","base":"start","unless":"closed"},'
        '{"after":7200,"act":"tell","to":"household","template":"report_missing_household","base":"start","unless":"closed"},'
        '{"after":14400,"act":"open","to":"owner","template":"task_offered","base":"start","unless":"closed"},'
        '{"after":28800,"act":"climb","to":"above","template":"task_climbed","base":"start","unless":"closed"},'
        '{"after":86400,"act":"climb","to":"above","template":"task_climbed","base":"start","unless":"closed"}]'
    ), 'mission 3.3: T+0 the person, T+2 h the household, T+4 h a task, T+8 h the village, T+24 h the township'),
    (2, 'urgent_report', (
        '[{"after":0,"act":"open","to":"owner","template":"task_urgent","base":"start","unless":"closed"},'
        '{"after":900,"act":"climb","to":"above","template":"task_climbed","base":"start","unless":"accepted"},'
        '{"after":1800,"act":"climb","to":"above","template":"task_climbed","base":"start","unless":"accepted"},'
        '{"after":3600,"act":"climb","to":"above","template":"task_climbed","base":"start","unless":"accepted"},'
        '{"after":0,"act":"tell","to":"owner","template":"task_overdue","base":"due","unless":"closed"},'
        '{"after":3600,"act":"climb","to":"above","template":"task_climbed","base":"due","unless":"closed"}]'
    ), 'mission 3.1: accepted within 15 minutes, or it climbs'),
    (3, 'visit', _PATIENT, 'default set'),
    (4, 'call', _PATIENT, 'default set'),
    (5, 'errand', _PATIENT, 'default set'),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table('chase',
    sa.Column('rule_version', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('slot', sa.SmallInteger(), nullable=False),
    sa.Column('step', sa.SmallInteger(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('rule_version', 'day', 'slot', 'step', name=op.f('pk_chase')),
    info={'placement': 'local'}
    )
    op.create_table('ladder',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('last_code', sa.BigInteger(), nullable=False),
    sa.Column('in_force_from', sa.Date(), nullable=False),
    sa.Column('steps', sa.Text(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_ladder')),
    info={'placement': 'reference'}
    )
    op.create_index('uq_ladder_kind_region_in_force', 'ladder', ['kind', 'region_code', 'in_force_from'], unique=True)
    op.create_table('task',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('subject', sa.Uuid(), nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('slot', sa.SmallInteger(), nullable=True),
    sa.Column('owner_post_id', sa.Uuid(), nullable=True),
    sa.Column('queue_code', sa.BigInteger(), nullable=True),
    sa.Column('held_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('weight', sa.SmallInteger(), nullable=False),
    sa.Column('counts_from', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('start_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('accepted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
    sa.Column('hindrance', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
    sa.Column('policy', sa.Integer(), nullable=False),
    sa.Column('rung', sa.SmallInteger(), nullable=False),
    sa.Column('step_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name=op.f('ck_task_done_has_outcome')),
    sa.CheckConstraint("(state = 'not_executable') = (hindrance IS NOT NULL)", name=op.f('ck_task_not_executable_has_reason')),
    sa.CheckConstraint("(state IN ('offered', 'escalated', 'accepted', 'in_progress')) = (closed_at IS NULL)", name=op.f('ck_task_closed_is_closed')),
    sa.CheckConstraint('due_at >= start_at', name=op.f('ck_task_span_is_forward')),
    sa.CheckConstraint('num_nonnulls(owner_post_id, queue_code) = 1', name=op.f('ck_task_is_somebodys')),
    sa.ForeignKeyConstraint(['owner_post_id'], ['post.id'], name=op.f('fk_task_owner_post_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task')),
    info={'placement': 'local'}
    )
    op.create_index('ix_task_closed_at', 'task', ['closed_at'], unique=False, postgresql_where=sa.text('closed_at IS NOT NULL'))
    op.create_index('ix_task_owner_post_id', 'task', ['owner_post_id'], unique=False, postgresql_where=sa.text("state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.create_index('ix_task_person_id', 'task', ['person_id', 'created_at'], unique=False, postgresql_where=sa.text('person_id IS NOT NULL'))
    op.create_index('ix_task_queue_code', 'task', ['queue_code'], unique=False, postgresql_where=sa.text("queue_code IS NOT NULL AND state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.create_index('ix_task_region_code', 'task', ['region_code', 'kind'], unique=False, postgresql_where=sa.text("state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.create_index('ix_task_step_at', 'task', ['step_at'], unique=False, postgresql_where=sa.text("step_at IS NOT NULL AND state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.create_table('task_step',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('happening', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('from_post_id', sa.Uuid(), nullable=True),
    sa.Column('to_post_id', sa.Uuid(), nullable=True),
    sa.Column('by_account', sa.Uuid(), nullable=True),
    sa.Column('why', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('filled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_step_task_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_step')),
    info={'placement': 'local'}
    )
    op.create_index('ix_task_step_task_id', 'task_step', ['task_id', 'at'], unique=False)
    ladder = sa.table(
        'ladder', sa.column('version', sa.Integer()), sa.column('kind', sa.Text()),
        sa.column('region_code', sa.BigInteger()), sa.column('last_code', sa.BigInteger()),
        sa.column('in_force_from', sa.Date()), sa.column('steps', sa.Text()), sa.column('source', sa.Text()),
    )
    op.bulk_insert(ladder, [
        {
            'version': version, 'kind': kind, 'region_code': 0, 'last_code': 999999999999999,
            'in_force_from': date(2020, 1, 1), 'steps': steps, 'source': source,
        }
        for version, kind, steps, source in LADDERS
    ])
    # Added in the migration before this one, which could not look at the rows that were there.
    op.execute("ALTER TABLE message VALIDATE CONSTRAINT ck_message_is_for_somebody")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index('ix_task_step_task_id', table_name='task_step')
    op.drop_table('task_step')
    op.drop_index('ix_task_step_at', table_name='task', postgresql_where=sa.text("step_at IS NOT NULL AND state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.drop_index('ix_task_region_code', table_name='task', postgresql_where=sa.text("state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.drop_index('ix_task_queue_code', table_name='task', postgresql_where=sa.text("queue_code IS NOT NULL AND state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.drop_index('ix_task_person_id', table_name='task', postgresql_where=sa.text('person_id IS NOT NULL'))
    op.drop_index('ix_task_owner_post_id', table_name='task', postgresql_where=sa.text("state IN ('offered', 'escalated', 'accepted', 'in_progress')"))
    op.drop_index('ix_task_closed_at', table_name='task', postgresql_where=sa.text('closed_at IS NOT NULL'))
    op.drop_table('task')
    op.drop_index('uq_ladder_kind_region_in_force', table_name='ladder')
    op.drop_table('ladder')
    op.drop_table('chase')
