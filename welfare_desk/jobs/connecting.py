"""From a stored supplier to a working connector: the sealed configuration is opened here and nowhere else."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext, Keys
from welfare_desk.db.models.shelf import Supplier as Row
from welfare_desk.errors import NotFound, Unavailable
from welfare_desk.integrations.suppliers import registry
from welfare_desk.integrations.suppliers.base import Supplier
from welfare_desk.services.suppliers import config_info


class Connections:
    """Connectors by supplier, made when first needed and closed together."""

    def __init__(self, ctx: AppContext) -> None:
        self._ctx = ctx
        self._open: dict[int, tuple[bytes, Supplier]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def supplier(self, supplier_id: int) -> Supplier:
        """The connector of a supplier as it is configured now. Raises Misconfigured, NotFound, Unavailable."""
        kind, sealed = self._ctx.read(_stored, supplier_id=supplier_id)
        known = self._open.get(supplier_id)
        if known is not None and known[0] == sealed:
            return known[1]
        if known is not None:
            known[1].close()
        config = json.loads(keys_of(self._ctx).open_intake(sealed, config_info(supplier_id)))
        made = registry.connect(kind, config)
        self._open[supplier_id] = (sealed, made)
        return made

    def close(self) -> None:
        """Closes all of them."""
        while self._open:
            self._open.popitem()[1][1].close()


def keys_of(ctx: AppContext) -> Keys:
    """The opened keys of this process. Raises Unavailable(`keys_locked`) at a desk."""
    if ctx.keys is None:
        raise Unavailable("keys_locked")
    return ctx.keys


def _stored(session: Session, *, supplier_id: int) -> tuple[str, bytes]:
    found = session.execute(select(Row.kind, Row.sealed_config).where(Row.id == supplier_id)).first()
    if found is None:
        raise NotFound("supplier_unknown", field="supplier", name=str(supplier_id))
    return found[0], found[1]
