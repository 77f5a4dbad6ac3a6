"""The directory: people, saved filters over them, and the change-sets that imports applied to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base


class Person(Base):
    """An employee. `number_key` is the employee number as compared: upper case, no blanks, no leading zeros.

    `status` is `active` or `left`; `department` is the full path joined by `/`; `phone` is E.164; dates are ISO, a
    `birthday` may lack its year (`MM-DD`). `tags` are joined and enclosed by commas (`,new,remote,`), or empty.
    `key` is what makes the person unique: `n:<number_key>`, else `p:<phone>`, else `e:<email>`.
    `import_id` is the change-set that brought a new person, null for one added by hand.

    Every index makes imports slower: numbers are found by `key`, everything else by a look at everybody.
    """

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("status IN ('active','left')", name="status"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    employee_no: Mapped[str | None]
    number_key: Mapped[str | None]
    name: Mapped[str]
    pinyin: Mapped[str]
    department: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    hire_date: Mapped[str | None]
    leave_date: Mapped[str | None]
    birthday: Mapped[str | None]
    site: Mapped[str | None]
    level: Mapped[str | None]
    tags: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str]
    import_id: Mapped[int | None]
    extra: Mapped[dict[str, Any]]
    created_at: Mapped[int]
    updated_at: Mapped[int]


class PersonImport(Base):
    """One change-set. `state`: applying, applied, cancelled, undone. `lease_until` guards `applying`."""

    __tablename__ = "person_import"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[int]
    operator: Mapped[str]
    filename: Mapped[str]
    file_hash: Mapped[str]
    state: Mapped[str]
    lease_until: Mapped[int | None]
    report: Mapped[dict[str, Any]]


class PersonChange(Base):
    """The before- and after-image of one person whom a change-set changed; those it brought have its `import_id`."""

    __tablename__ = "person_change"
    import_id: Mapped[int] = mapped_column(ForeignKey("person_import.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any]]


class ImportMapping(Base):
    """What HR made of the columns of lists with these headers. `mapping`: header to field, `""` for left out."""

    __tablename__ = "import_mapping"
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[dict[str, Any]]
    operator: Mapped[str]
    at: Mapped[int]


class Segment(Base):
    """A saved filter over people; `filter` is as in `domain.segments`. `key` is what scripts call it."""

    __tablename__ = "segment"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    filter: Mapped[dict[str, Any]]
    operator: Mapped[str]
    created_at: Mapped[int]
    changed_at: Mapped[int]
