"""History that nobody rewrites, and roles.

Revision 20261123_0002, after 20261123_0001.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from backoffice.db import types

revision = "20261123_0002"
down_revision = "20261123_0001"
branch_labels = None
depends_on = None

OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_unicode_ci",
}
BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
VALUES = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

READ = ("list", "details", "action:history")
WRITE = ("create", "edit", "action:undo")
RECORDS = ("item", "category")
FEED = [("changeset", "list"), ("changeset", "details")]
ROLES: dict[str, list[tuple[str, str]]] = {
    "Viewer": [*((one, action) for one in RECORDS for action in READ), *FEED],
    "Editor": [*((one, action) for one in RECORDS for action in (*READ, *WRITE)), *FEED],
    "Manager": [
        *((one, action) for one in (*RECORDS, "user") for action in (*READ, *WRITE, "delete")),
        *FEED,
    ],
}

GUARDED = {
    "changesets": "id",
    "changes": "changeset_id",
    "seals": "seen",
    "history_anchors": "up_to",
}
"""Append-only tables, and the column that tells up to which changeset a row is of."""


def upgrade() -> None:
    _create_history()
    _create_roles()
    _guard_history()
    _fill_roles()


def _create_history() -> None:
    op.create_table(
        "changesets",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(160), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("reason", types.long_text(), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("undoes_id", BIG_ID, nullable=True),
        sa.Column("loaded", VALUES, nullable=True),
        sa.Column("transaction", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changesets")),
        **OPTIONS,
    )
    for column in ("at", "actor_id", "source", "undoes_id"):
        op.create_index(op.f(f"ix_changesets_{column}"), "changesets", [column])
    op.create_table(
        "changes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("changeset_id", BIG_ID, nullable=False),
        sa.Column("model", types.UniqueText(64), nullable=False),
        sa.Column("record_id", types.UniqueText(64), nullable=False),
        sa.Column("label", sa.String(255), nullable=False),
        sa.Column("operation", types.UniqueText(10), nullable=False),
        sa.Column("before", VALUES, nullable=True),
        sa.Column("after", VALUES, nullable=True),
        sa.ForeignKeyConstraint(
            ["changeset_id"], ["changesets.id"], name=op.f("fk_changes_changeset_id_changesets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        **OPTIONS,
    )
    op.create_index("ix_changes_record", "changes", ["model", "record_id", "id"])
    op.create_index(
        "ix_changes_changeset", "changes", ["changeset_id", "model", "operation", "record_id"]
    )
    op.create_table(
        "seals",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("covers", VALUES, nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("settled", BIG_ID, nullable=False),
        sa.Column("settling", BIG_ID, nullable=False),
        sa.Column("seen", BIG_ID, nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_seals_previous_hash")),
        **OPTIONS,
    )
    op.create_index(op.f("ix_seals_seen"), "seals", ["seen"])
    op.create_table(
        "history_pruning",
        sa.Column("up_to", BIG_ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("up_to", name=op.f("pk_history_pruning")),
        **(OPTIONS | {"sqlite_autoincrement": False}),
    )
    op.create_table(
        "history_anchors",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("up_to", BIG_ID, nullable=False),
        sa.Column("seal_id", BIG_ID, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_anchors")),
        **OPTIONS,
    )


def _create_roles() -> None:
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", types.UniqueText(255), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_roles_name_not_blank")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
        **OPTIONS,
    )
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("identity", types.UniqueText(64), nullable=False),
        sa.Column("action", types.UniqueText(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["roles.id"],
            name=op.f("fk_role_grants_role_id_roles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
        sa.UniqueConstraint(
            "role_id", "identity", "action", name=op.f("uq_role_grants_role_id_identity_action")
        ),
        **OPTIONS,
    )
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_user_roles_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["roles.id"],
            name=op.f("fk_user_roles_role_id_roles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.create_index(op.f("ix_user_roles_role_id"), "user_roles", ["role_id"])


def _fill_roles() -> None:
    """Three roles with their grants; everybody who already has an account becomes an Editor."""
    connection = op.get_bind()
    roles = sa.table("roles", sa.column("id", sa.Integer), sa.column("name", sa.String))
    grants = sa.table(
        "role_grants", sa.column("role_id"), sa.column("identity"), sa.column("action")
    )
    for name, pairs in ROLES.items():
        connection.execute(sa.insert(roles).values(name=name))
        role_id = connection.scalar(sa.select(roles.c.id).where(roles.c.name == name))
        op.bulk_insert(
            grants,
            [
                {"role_id": role_id, "identity": identity, "action": action}
                for identity, action in pairs
            ],
        )
    connection.execute(
        sa.text(
            "INSERT INTO user_roles (user_id, role_id) SELECT users.id, roles.id "
            "FROM users, roles WHERE roles.name = 'Editor' AND users.is_active = :yes "
            "AND users.is_superuser = :no"
        ),
        {"yes": True, "no": False},
    )
    changesets = sa.table(
        "changesets",
        sa.column("at", types.UTCDateTime()),
        sa.column("loaded", VALUES),
        *(
            sa.column(name, sa.String)
            for name in ("actor", "source", "reason", "request_id", "address")
        ),
    )
    connection.execute(
        sa.insert(changesets).values(
            at=datetime.now(UTC),
            actor="",
            source="load",
            reason="The roles that the back office comes with",
            request_id="",
            address="",
            loaded={"roles": len(ROLES)},
        )
    )


def _guard_history() -> None:
    """Triggers that refuse to change history, and to delete it but for what is being pruned."""
    guards = {"postgresql": _guard_postgresql, "sqlite": _guard_sqlite}
    guards.get(op.get_bind().dialect.name, _guard_mysql)()


def _guard_postgresql() -> None:
    for table in GUARDED:
        op.execute(
            f"CREATE FUNCTION refuse_{table}_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN "
            # TRUNCATE has no OLD to ask about.
            f"IF TG_OP = 'DELETE' THEN IF {_allowed(table)} THEN RETURN OLD; END IF; END IF; "
            f"RAISE EXCEPTION 'history is append-only: {table}'; "
            "END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_{table}_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_{table}_change()"
        )
    # The switch is for one transaction: a transaction that leaves it on cannot commit.
    op.execute(
        "CREATE FUNCTION refuse_open_pruning() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN "
        "IF EXISTS (SELECT 1 FROM history_pruning WHERE up_to = NEW.up_to) "
        "THEN RAISE EXCEPTION 'history_pruning must be empty again at the end'; END IF; "
        "RETURN NULL; "
        "END $$"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER history_pruning_closes AFTER INSERT OR UPDATE "
        "ON history_pruning DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse_open_pruning()"
    )


def _allowed(table: str) -> str:
    """The condition under which a row may go: all that it is about is being pruned."""
    return f"EXISTS (SELECT 1 FROM history_pruning WHERE up_to >= OLD.{GUARDED[table]})"


def _guard_sqlite() -> None:
    for table in GUARDED:
        refuse = f"BEGIN SELECT RAISE(ABORT, 'history is append-only: {table}'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"WHEN NOT {_allowed(table)} {refuse}"
        )


def _guard_mysql() -> None:
    for table in GUARDED:
        refuse = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'history is append-only: {table}'"
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {refuse}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW "
            f"BEGIN IF NOT {_allowed(table)} THEN {refuse}; END IF; END"
        )


def downgrade() -> None:
    for table in (
        "user_roles",
        "role_grants",
        "roles",
        "history_anchors",
        "history_pruning",
        "seals",
        "changes",
        "changesets",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in GUARDED:
            op.execute(f"DROP FUNCTION refuse_{table}_change()")
        op.execute("DROP FUNCTION refuse_open_pruning()")
