"""The plan of a campaign: what a plan file or the window says, read and checked as far as pure rules go."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from welfare_desk.domain.windows import moment, zone_of
from welfare_desk.errors import Refused

T = TypeVar("T")

KEYS = (
    "name", "product", "audience", "opens", "closes", "timezone", "verify", "channels", "quantity", "message",
)  # fmt: skip
REQUIRED = ("name", "product", "audience", "opens", "closes")
VERIFY = ("employee_no", "none")
CHANNELS = ("email",)
NO_CHANNELS: tuple[str, ...] = ()
DEFAULT_ZONE = "Asia/Shanghai"
NAME_SIGNS = 120
MESSAGE_SIGNS = 4000
QUANTITIES = range(1, 1001)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant: `all`, everybody in (and below) `department`, those a `segment` (its key) means when the campaign
    is launched, or the `people` named by number or reference.
    """

    kind: Literal["all", "department", "segment", "people"]
    department: str = ""
    people: tuple[str, ...] = ()
    segment: str = ""

    def document(self) -> dict[str, Any]:
        """As it is stored with the campaign."""
        documents: dict[str, dict[str, Any]] = {
            "all": {"all": True}, "department": {"department": self.department}, "segment": {"segment": self.segment},
        }  # fmt: skip
        return documents.get(self.kind) or {"people": list(self.people)}


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked plan. Times are epoch milliseconds, the window is `[opens_at, closes_at)`; `product` is a key."""

    name: str
    product: str
    audience: Audience
    opens_at: int
    closes_at: int
    timezone: str = DEFAULT_ZONE
    verify: str = "employee_no"
    channels: tuple[str, ...] = ()
    quantity: int = 1
    message: str = ""


class PlanRefused(Refused):
    """The first thing wrong with a plan; `others` holds what else is."""

    def __init__(self, first: Refused, others: tuple[Refused, ...] = ()) -> None:
        super().__init__(first.code, field=first.field, **first.params)
        self.others = others

    def __reduce__(self) -> tuple[Any, ...]:
        return PlanRefused, (Refused(self.code, field=self.field, **self.params), self.others)


def raise_problems(problems: list[Refused]) -> None:
    """Raises PlanRefused when there are any."""
    if problems:
        raise PlanRefused(problems[0], tuple(problems[1:]))


def read_plan(source: bytes) -> Plan:
    """The plan in a TOML file. Raises PlanRefused, which names every bad field."""
    try:
        document = tomllib.loads(source.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise PlanRefused(Refused("plan_not_utf8", field="plan")) from error
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise PlanRefused(Refused("plan_not_toml", field="plan", reason=str(error)[:200])) from error
    return make_plan(document)


def make_plan(document: Mapping[str, Any]) -> Plan:
    """The plan in a document with the keys of a plan file. Raises PlanRefused, which names every bad field."""
    reading = _Reading(document)
    unknown = [Refused("plan_unknown_key", field=str(key), key=str(key)) for key in document if key not in KEYS]
    zone = reading.take("timezone", lambda value: zone_of(_text(value, "timezone")), zone_of(DEFAULT_ZONE))
    local = zone or zone_of(DEFAULT_ZONE)
    name = reading.take("name", _name)
    product = reading.take("product", lambda value: _text(value, "product"))
    audience = reading.take("audience", _audience)
    opens = reading.take("opens", lambda value: moment(value, local, field="opens"))
    closes = reading.take("closes", lambda value: moment(value, local, field="closes", later=True))
    verify = reading.take("verify", _verify, "employee_no")
    channels = reading.take("channels", _channels, NO_CHANNELS)
    quantity = reading.take("quantity", _quantity, 1)
    message = reading.take("message", _message, "")
    if opens is not None and closes is not None and closes <= opens:
        reading.problems.append(Refused("closes_before_opens", field="closes"))
    raise_problems(unknown + reading.problems)
    found = (name, product, audience, opens, closes, zone, verify, channels, quantity, message)
    return _plan(*(value for value in found if value is not None))


def _plan(*values: Any) -> Plan:
    name, product, audience, opens, closes, zone, verify, channels, quantity, message = values
    return Plan(name, product, audience, opens, closes, zone.key, verify, channels, quantity, message)


@dataclass(slots=True)
class _Reading:
    """Takes values out of a document and notes what is wrong with them instead of stopping at the first."""

    document: Mapping[str, Any]
    problems: list[Refused] = field(default_factory=list)

    def take(self, key: str, read: Callable[[Any], T], default: T | None = None) -> T | None:
        if key not in self.document:
            if key in REQUIRED:
                self.problems.append(Refused("plan_missing_key", field=key, key=key))
            return default
        try:
            return read(self.document[key])
        except Refused as problem:
            self.problems.append(problem)
            return None


def _text(value: Any, field_name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Refused("plan_needs_text", field=field_name)
    return value.strip()


def _name(value: Any) -> str:
    name = " ".join(_text(value, "name").split())
    if len(name) > NAME_SIGNS or not name.isprintable():
        raise Refused("plan_name_long", field="name", most=NAME_SIGNS)
    return name


def _audience(value: Any) -> Audience:
    if value == "all":
        return Audience("all")
    if isinstance(value, Mapping) and len(value) == 1:
        key, wanted = next(iter(value.items()))
        if key == "department" and isinstance(wanted, str) and wanted.strip(" /"):
            path = "/".join(part.strip() for part in wanted.strip(" /").split("/"))
            return Audience("department", department=path)
        if key == "segment" and isinstance(wanted, str) and wanted.strip():
            return Audience("segment", segment=wanted.strip())
        if key == "people" and isinstance(wanted, (list, tuple)) and all(isinstance(one, str) for one in wanted):
            return Audience("people", people=tuple(wanted))
    raise Refused("plan_audience", field="audience")


def _verify(value: Any) -> str:
    if value not in VERIFY:
        raise Refused("plan_verify", field="verify", value=str(value)[:40])
    return str(value)


def _channels(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise Refused("plan_channels", field="channels", value=str(value)[:40], known=", ".join(CHANNELS))
    for channel in value:
        if channel not in CHANNELS:
            raise Refused("plan_channels", field="channels", value=str(channel)[:40], known=", ".join(CHANNELS))
    return tuple(dict.fromkeys(value))


def _quantity(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in QUANTITIES:
        raise Refused("plan_quantity", field="quantity", least=QUANTITIES[0], most=QUANTITIES[-1])
    return value


def _message(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MESSAGE_SIGNS:
        raise Refused("plan_message", field="message", most=MESSAGE_SIGNS)
    return value.strip()
