"""The record: incidents, events, findings, revisions, actions, reviews, material, audit trail, search."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables, and the index behind search that each database has."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_incident"), "audit", ["incident"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_opened_at_id"), "incident", ["opened_at", "id"], unique=False)
    op.create_table(
        "action",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("horizon", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("done_when", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_action_incident"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "number", name=op.f("pk_action")),
    )
    op.create_index(op.f("ix_action_state"), "action", ["state"], unique=False)
    op.create_table(
        "event",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_event_incident"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "number", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_incident_at_number"), "event", ["incident", "at", "number"], unique=False)
    op.create_index(op.f("ix_event_incident_identity"), "event", ["incident", "identity"], unique=True)
    op.create_table(
        "findings",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_findings_incident"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_findings")),
    )
    op.create_table(
        "incident_service",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incident.id"], name=op.f("fk_incident_service_incident"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service", "incident", name=op.f("pk_incident_service")),
    )
    op.create_index(op.f("ix_incident_service_incident"), "incident_service", ["incident"], unique=False)
    op.create_table(
        "material",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_material_incident"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "sha256", "name", name=op.f("pk_material")),
    )
    op.create_table(
        "review",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_review_incident"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "name", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_due"), "review", ["due"], unique=False)
    op.create_table(
        "revision",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_revision_incident"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "number", name=op.f("pk_revision")),
    )
    op.create_table(
        "search",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_search_incident"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search")),
    )
    op.create_index(op.f("ix_search_incident_kind_ref"), "search", ["incident", "kind", "ref"], unique=True)
    for statement in _SEARCH[op.get_context().dialect.name]:
        op.execute(statement)


_FORGET = "INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.id, old.words); "
_LEARN = "INSERT INTO search_index(rowid, words) VALUES (new.id, new.words); "
_SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search', content_rowid='id', tokenize='unicode61')",
        f"CREATE TRIGGER search_added AFTER INSERT ON search BEGIN {_LEARN}END",
        f"CREATE TRIGGER search_removed AFTER DELETE ON search BEGIN {_FORGET}END",
        f"CREATE TRIGGER search_changed AFTER UPDATE ON search BEGIN {_FORGET}{_LEARN}END",
    ),
    "postgresql": (
        "ALTER TABLE search ADD COLUMN vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED",
        "CREATE INDEX search_vector ON search USING gin (vector)",
    ),
}
