"""Notices with receipts, messages between posts."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "20261122_5"
down_revision = "20261122_4"
branch_labels = None
depends_on = None

WHEN = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table('notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('from_post_id', sa.Uuid(), nullable=False),
    sa.Column('by_account', sa.Uuid(), nullable=False),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('roles', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('title_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('must_confirm', sa.Boolean(), nullable=False),
    sa.Column('addressed', sa.Integer(), nullable=False),
    sa.Column('created_at', WHEN(), nullable=False),
    sa.Column('withdrawn_at', WHEN(), nullable=True),
    sa.Column('withdrawn_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['from_post_id'], ['post.id'], name=op.f('fk_notice_from_post_id')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_notice_region_code')),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_notice_response_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    info={'placement': 'local'}
    )
    op.create_index('ix_notice_from_post_id_created_at', 'notice', ['from_post_id', 'created_at'], unique=False)
    op.create_index('ix_notice_region_code_created_at', 'notice', ['region_code', 'created_at'], unique=False)
    op.create_table('notice_receipt',
    sa.Column('notice_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('read_at', WHEN(), nullable=False),
    sa.Column('confirmed_at', WHEN(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_notice_receipt_account_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_receipt_notice_id')),
    sa.PrimaryKeyConstraint('notice_id', 'account_id', name=op.f('pk_notice_receipt')),
    info={'placement': 'local'}
    )
    op.create_index('ix_notice_receipt_account_id', 'notice_receipt', ['account_id'], unique=False)
    op.create_table('direct_message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('from_post_id', sa.Uuid(), nullable=True),
    sa.Column('sent_to_id', sa.Uuid(), nullable=True),
    sa.Column('to_post_id', sa.Uuid(), nullable=True),
    sa.Column('region_code', sa.BigInteger(), nullable=False),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', WHEN(), nullable=False),
    sa.Column('read_at', WHEN(), nullable=True),
    sa.Column('read_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['from_post_id'], ['post.id'], name=op.f('fk_direct_message_from_post_id')),
    sa.ForeignKeyConstraint(['sent_to_id'], ['post.id'], name=op.f('fk_direct_message_sent_to_id')),
    sa.ForeignKeyConstraint(['to_post_id'], ['post.id'], name=op.f('fk_direct_message_to_post_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_direct_message')),
    info={'placement': 'local'}
    )
    op.create_index('ix_direct_message_from_post_id_created_at', 'direct_message', ['from_post_id', 'created_at'], unique=False)
    op.create_index('ix_direct_message_region_code', 'direct_message', ['region_code', 'created_at'], unique=False, postgresql_where=sa.text('to_post_id IS NULL'))
    op.create_index('ix_direct_message_sent_to_id', 'direct_message', ['sent_to_id'], unique=False, postgresql_where=sa.text('to_post_id IS NULL'))
    op.create_index('ix_direct_message_to_post_id_created_at', 'direct_message', ['to_post_id', 'created_at'], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table('direct_message')
    op.drop_table('notice_receipt')
    op.drop_table('notice')
