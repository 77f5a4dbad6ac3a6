"""Who makes the connector of which kind: one line per kind here, and its configuration in `base.KINDS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from welfare_desk.errors import Refused
from welfare_desk.integrations.suppliers import kasushou
from welfare_desk.integrations.suppliers.base import Supplier

Config = Mapping[str, object]

KINDS: dict[str, Callable[[Config], Supplier]] = {
    "kasushou": kasushou.connect,
}


def connect(kind: str, config: Config) -> Supplier:
    """Make a connector from its configuration; raises Misconfigured naming the field, Refused for an unknown kind."""
    maker = KINDS.get(kind)
    if maker is None:
        raise Refused("supplier_kind_unknown", field="kind", kind=kind, known=", ".join(sorted(KINDS)))
    return maker(config)
