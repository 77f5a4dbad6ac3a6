"""People with birthday, site, level and tags; segments, remembered mappings, tickets, pages of test sends.

Of the indexes over people only those stay that a list of 100,000 needs: each one makes every import slower.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOVED = {"work_location": "site", "job_level": "level", "tag": "tags"}
DROPPED = ("number_key", "name", "phone", "email", "department_status")


def upgrade() -> None:
    """New columns take what was kept beside them before."""
    _columns()
    _move_extras()
    _move_images()
    _brought()
    _drop_indexes()
    _directory()
    _tickets()
    _sent_tests()


def _columns() -> None:
    for name in ("birthday", "site", "level"):
        op.add_column("person", sa.Column(name, sa.String(), nullable=True))
    op.add_column("person", sa.Column("tags", sa.String(), server_default="", nullable=False))
    op.add_column("person", sa.Column("import_id", sa.BigInteger(), nullable=True))


def _move_extras() -> None:
    connection = op.get_bind()
    person = sa.table("person", sa.column("id"), sa.column("extra", sa.JSON()), sa.column("site"), sa.column("level"),
                      sa.column("tags"))  # fmt: skip
    for person_id, extra in connection.execute(sa.select(person.c.id, person.c.extra)).all():
        moved = _taken_out(extra)
        if moved:
            connection.execute(sa.update(person).where(person.c.id == person_id).values(extra=extra, **moved))


def _move_images() -> None:
    """Undoing an older import restores people as they are now described."""
    connection = op.get_bind()
    change = sa.table("person_change", sa.column("import_id"), sa.column("person_id"), sa.column("before", sa.JSON()),
                      sa.column("after", sa.JSON()))  # fmt: skip
    wanted = sa.select(change).where(change.c.before.is_not(sa.null()))
    for import_id, person_id, before, after in connection.execute(wanted).all():
        moved = [_taken_out(image["extra"]) for image in (before, after)]
        if any(moved):
            row = (change.c.import_id == import_id) & (change.c.person_id == person_id)
            images = {"before": before | moved[0], "after": after | moved[1]}
            connection.execute(sa.update(change).where(row).values(images))


def _taken_out(extra: dict[str, Any]) -> dict[str, Any]:
    """What has a column of its own now; `extra` loses it."""
    moved: dict[str, Any] = {column: extra.pop(name) for name, column in MOVED.items() if name in extra}
    if "tags" in moved:
        moved["tags"] = _tags(str(moved["tags"]))
    return moved


def _brought() -> None:
    """People say which change-set brought them: no image of nothing for each of them."""
    op.execute("UPDATE person SET import_id = c.import_id FROM person_change c "
               "WHERE c.person_id = person.id AND c.before IS NULL")  # fmt: skip
    op.execute("DELETE FROM person_change WHERE before IS NULL")


def _drop_indexes() -> None:
    for name in DROPPED:
        op.drop_index(op.f(f"ix_person_{name}"), "person")


def _tags(text: str) -> str:
    """Tags as stored: each between commas."""
    for mark in ("、", "，", ";", "；", "|", "/"):
        text = text.replace(mark, ",")
    tags = dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip())
    return f",{','.join(tags)}," if tags else ""


def _directory() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("key", name=op.f("uq_segment_key")),
    )


def _tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('used', 'invalid', 'not_credited', 'other')", name=op.f("ck_ticket_kind")),
        sa.CheckConstraint("state IN ('open','closed')", name=op.f("ck_ticket_state")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant.id"], name=op.f("fk_ticket_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    is_open = sa.text("state = 'open'")
    op.create_index("ix_ticket_open", "ticket", ["grant_id"], unique=True, sqlite_where=is_open,
                    postgresql_where=is_open)  # fmt: skip
    op.create_index(op.f("ix_ticket_state_due_at"), "ticket", ["state", "due_at"])
    op.create_index(op.f("ix_ticket_grant_id"), "ticket", ["grant_id"])


def _sent_tests() -> None:
    op.create_table(
        "sent_test",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("face", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_test")),
        sa.UniqueConstraint("token", name=op.f("uq_sent_test_token")),
    )
