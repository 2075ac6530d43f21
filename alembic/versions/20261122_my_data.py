"""Three places of a person, appeals and their steps, break-glass."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "20261122_6"
down_revision = "20261122_5"
branch_labels = None
depends_on = None

KINDS = "kind IN ('verdict', 'record', 'look', 'glass', 'refusal', 'other')"
STEPS = "kind IN ('filed', 'owned', 'answered', 'second_look', 'moved', 'closed')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _places()
    _appeals()
    _glass()


def _places() -> None:
    op.add_column("resident", sa.Column("current_code", sa.BigInteger(), nullable=True))
    op.add_column("resident", sa.Column("current_until", sa.Date(), nullable=True))
    op.add_column(
        "resident", sa.Column("current_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
    )
    op.add_column("resident", sa.Column("moved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("resident", sa.Column("registered_code", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_resident_current_code", "resident", ["current_code"], unique=False,
        postgresql_where=sa.text("current_code IS NOT NULL"),
    )  # fmt: skip
    # NOT VALID here, validated in the next migration but one: writers do not wait while the table is looked through.
    op.create_foreign_key(
        op.f("fk_resident_current_code"), "resident", "region", ["current_code"], ["code"], postgresql_not_valid=True
    )
    op.create_check_constraint(
        op.f("ck_resident_away_until_from_somewhere"), "resident", "current_until IS NULL OR current_code IS NOT NULL",
        postgresql_not_valid=True,
    )  # fmt: skip


def _appeals() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("against", sa.Uuid(), nullable=True),
        sa.Column("unit_code", sa.BigInteger(), nullable=False),
        sa.Column("owner_post_id", sa.Uuid(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("filed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("second_look_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_appeal_kind_is_known")),
        sa.ForeignKeyConstraint(["owner_post_id"], ["post.id"], name=op.f("fk_appeal_owner_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        info={"placement": "local"},
    )
    op.create_index("ix_appeal_owner_post_id", "appeal", ["owner_post_id"], unique=False)
    op.create_index("ix_appeal_person_id", "appeal", ["person_id"], unique=False)
    is_open = sa.text("closed_at IS NULL")
    op.create_index("ix_appeal_unit_code", "appeal", ["unit_code"], unique=False, postgresql_where=is_open)
    op.create_index(
        "uq_appeal_open", "appeal", ["person_id", "kind", "decision_id"], unique=True, postgresql_where=is_open,
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    op.create_table(
        "appeal_step",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("unit_code", sa.BigInteger(), nullable=False),
        sa.Column("by_account", sa.Uuid(), nullable=False),
        sa.Column("by_post_id", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(STEPS, name=op.f("ck_appeal_step_kind_is_known")),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'corrected', 'partly')", name=op.f("ck_appeal_step_outcome_is_known")
        ),
        sa.CheckConstraint(
            "(kind = 'answered') = (outcome IS NOT NULL)", name=op.f("ck_appeal_step_an_answer_has_an_outcome")
        ),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_step_appeal_id")),
        sa.ForeignKeyConstraint(["by_post_id"], ["post.id"], name=op.f("fk_appeal_step_by_post_id")),
        sa.PrimaryKeyConstraint("appeal_id", "seq", name=op.f("pk_appeal_step")),
        info={"placement": "local"},
    )


def _glass() -> None:
    op.create_table(
        "glass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "expires_at > opened_at AND expires_at <= opened_at + interval '4 hours'",
            name=op.f("ck_glass_hours_are_few"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_glass_account_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_glass_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass")),
        info={"placement": "local"},
    )
    op.create_index(
        "ix_glass_account_id", "glass", ["account_id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("ix_glass_person_id", "glass", ["person_id"], unique=False)
    op.create_index("ix_glass_region_code_opened_at", "glass", ["region_code", "opened_at"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("glass")
    op.drop_table("appeal_step")
    op.drop_table("appeal")
    op.drop_constraint(op.f("ck_resident_away_until_from_somewhere"), "resident", type_="check")
    op.drop_constraint(op.f("fk_resident_current_code"), "resident", type_="foreignkey")
    op.drop_index("ix_resident_current_code", table_name="resident")
    op.drop_column("resident", "registered_code")
    op.drop_column("resident", "moved_at")
    op.drop_column("resident", "current_since")
    op.drop_column("resident", "current_until")
    op.drop_column("resident", "current_code")
