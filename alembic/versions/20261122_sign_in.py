"""Staff sign-in: sessions, passkeys, one-time passwords."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "20261122_2"
down_revision = "20261122_1"
branch_labels = None
depends_on = None


def _when(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=nullable)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f(f'fk_{table}_account_id'))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    # Accounts of the first version were opened by a code: a default of one moment fills them without a rewrite.
    op.add_column('account', sa.Column('phone_proved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True,
                                       server_default=sa.func.now()))
    op.execute("-- squawk-ignore ban-drop-default\nALTER TABLE account ALTER COLUMN phone_proved_at DROP DEFAULT")
    op.create_table('staff_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('secret_digest', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    _when('created_at'), _when('seen_at'), _when('expires_at'),
    _when('second_at', nullable=True), _when('step_up_at', nullable=True), _when('ended_at', nullable=True),
    _text('agent', 60),
    _text('address', 45),
    _account('staff_session'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_session')),
    info={'placement': 'local'}
    )
    op.create_index('uq_staff_session_secret_digest', 'staff_session', ['secret_digest'], unique=True)
    op.create_index('ix_staff_session_account_id', 'staff_session', ['account_id'], unique=False)
    op.create_index('ix_staff_session_expires_at', 'staff_session', ['expires_at'], unique=False)
    op.create_table('passkey',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    _text('name', 40),
    _when('created_at'), _when('used_at', nullable=True),
    sa.CheckConstraint('char_length(name) BETWEEN 1 AND 40', name=op.f('ck_passkey_name_has_letters')),
    sa.CheckConstraint('sign_count >= 0', name=op.f('ck_passkey_count_is_a_count')),
    _account('passkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    info={'placement': 'local'}
    )
    op.create_index('uq_passkey_credential_id', 'passkey', ['credential_id'], unique=True)
    op.create_index('ix_passkey_account_id', 'passkey', ['account_id'], unique=False)
    op.create_table('authenticator',
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('secret_sealed', sa.LargeBinary(), nullable=True),
    _when('confirmed_at', nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.Column('next_sealed', sa.LargeBinary(), nullable=True),
    _when('next_at', nullable=True),
    _account('authenticator'),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_authenticator')),
    info={'placement': 'local'}
    )
    op.create_table('factor_challenge',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('challenge', sa.LargeBinary(), nullable=False),
    _text('purpose', 13),
    _when('created_at'), _when('expires_at'), _when('used_at', nullable=True),
    _account('factor_challenge'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_factor_challenge')),
    info={'placement': 'local'}
    )
    op.create_index('uq_factor_challenge_challenge', 'factor_challenge', ['challenge'], unique=True)
    op.create_index('ix_factor_challenge_expires_at', 'factor_challenge', ['expires_at'], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in ('factor_challenge', 'authenticator', 'passkey', 'staff_session'):
        op.drop_table(table)
    op.drop_column('account', 'phone_proved_at')
