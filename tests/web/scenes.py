"""Every state of the claim page by its cause: how to get there, as requests of a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.support.world import HOUR
from tests.web.site import Site
from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.claims import Fulfilment
from welfare_desk.db.models.shelf import Product
from welfare_desk.services import processes, settings

NUMBER = "00001"
PHONE = "13800138000"


@dataclass(frozen=True)
class Scene:
    """A page: its state, its address, and what is posted there (None: it is only looked at)."""

    state: str
    url: str
    fields: dict[str, str] | None = None
    status: int = 200


@dataclass
class Stage:
    """Makes scenes on a site, each with a person and a campaign of its own."""

    site: Site
    made: dict[str, Scene] = field(default_factory=dict)

    def company(self) -> None:
        """Gives the company a name and somebody to ask."""
        values = {"company_name": "远山精密制造（上海）有限公司", "hr_contact": "人力资源部 王敏 021-5555 0199"}
        self.site.world.ctx.write(settings.change, values=values)

    def grant(self, product: int, *, stocked: bool = True, **changed: Any) -> tuple[int, int, str]:
        """(campaign, grant, employee number) of a fresh campaign with one person."""
        world = self.site.world
        person = world.people(1)
        number = f"{world.number:05d}"
        reserved = {product: 1} if stocked else {product: 0}
        campaign, grants = world.campaign(product, person, reserved=reserved, **changed)
        return campaign, grants[0], number

    def change(self, model: Any, **values: Any) -> Callable[[Any], None]:
        """Updates rows of a model that match a condition."""

        def apply(condition: Any) -> None:
            def run(_ctx: AppContext, session: Session) -> None:
                session.execute(update(model).where(condition).values(**values))

            self.site.world.ctx.write(run)

        return apply


def all_scenes(site: Site) -> dict[str, Scene]:
    """Every scene by name."""
    stage = Stage(site)
    stage.company()
    scenes: dict[str, Scene] = {}
    for make in (_codes, _windows, _top_ups, _bundle, _wrong, _others):
        scenes |= make(stage)
    return scenes


def _card(stage: Stage, units: int = 1) -> int:
    product = stage.site.world.product()
    how_to = "1. 打开视频 App，进入“我的 - 会员兑换”\n2. 输入兑换码\n3. 当天生效，每个账号限用一次"
    stage.change(Product, name="视频会员月卡", how_to=how_to)(Product.id == product)
    stage.site.world.stock(product, units, expires_at=stage.site.world.clock.now() + 900 * HOUR)
    return product


def _codes(stage: Stage) -> dict[str, Scene]:
    site = stage.site
    _campaign, ready, number = stage.grant(_card(stage))
    _campaign, open_to_all, _number = stage.grant(_card(stage), verify="none")
    _campaign, again, owner = stage.grant(_card(stage))
    site.post(site.link(again), identity=owner)
    return {
        "ready": Scene("ready", site.link(ready)),
        "ready_without_check": Scene("ready", site.link(open_to_all)),
        "claimed": Scene("claimed", site.link(ready), {"identity": number}),
        "claimed_look": Scene("claimed", site.link(again)),
    }


def _windows(stage: Stage) -> dict[str, Scene]:
    site, now = stage.site, stage.site.world.clock.now()
    _campaign, early, _number = stage.grant(_card(stage), opens_at=now + 27 * HOUR, closes_at=now + 200 * HOUR)
    _campaign, late, _number = stage.grant(_card(stage), opens_at=now - 200 * HOUR, closes_at=now - HOUR)
    paused, waiting, _number = stage.grant(_card(stage))
    stage.change(Campaign, state="paused")(Campaign.id == paused)
    _campaign, stopped, _number = stage.grant(_card(stage))
    stage.change(Grant, state="revoked")(Grant.id == stopped)
    _campaign, gone, number = stage.grant(site.world.product(), stocked=False)
    return {
        "too_early": Scene("too_early", site.link(early)),
        "expired": Scene("expired", site.link(late)),
        "paused": Scene("unavailable", site.link(waiting), status=503),
        "revoked": Scene("revoked", site.link(stopped)),
        "sold_out": Scene("sold_out", site.link(gone), {"identity": number}),
    }


def _top_up(stage: Stage) -> tuple[int, str]:
    product = stage.site.world.product("top_up", account="phone")
    stage.change(Product, name="手机话费 50 元")(Product.id == product)
    _campaign, grant, number = stage.grant(product)
    return grant, number


def _top_ups(stage: Stage) -> dict[str, Scene]:
    site = stage.site
    made: dict[str, Scene] = {}
    grant, number = _top_up(stage)
    made["ready_top_up"] = Scene("ready", site.link(grant))
    made["account"] = Scene("account", site.link(grant), {"identity": number})
    made["account_wrong"] = Scene("account", site.link(grant), {"identity": number, "account": "12345"})
    pending, owner = _top_up(stage)
    made["pending"] = Scene("pending", site.link(pending), {"identity": owner, "account": PHONE})
    for state in ("failed", "credited", "unknown"):
        grant, number = _top_up(stage)
        site.post(site.link(grant), identity=number, account=PHONE)
        stage.change(Fulfilment, state=state)(Fulfilment.grant_id == grant)
        shown = "pending" if state == "unknown" else state
        made["pending_look" if state == "unknown" else f"{state}_look"] = Scene(shown, site.link(grant))
        made["pending_unknown" if state == "unknown" else state] = Scene(shown, site.link(grant), {"identity": number})
    return made


def _bundle(stage: Stage) -> dict[str, Scene]:
    site = stage.site
    card, call = _card(stage, 2), site.world.product("top_up", account="phone")
    stage.change(Product, name="手机话费 50 元")(Product.id == call)
    bundle = site.world.bundle([(card, 2), (call, 1)])
    person = site.world.people(1)
    number = f"{site.world.number:05d}"
    _campaign, grants = site.world.campaign(bundle, person, reserved={card: 2})
    fields = {"identity": number, "account": PHONE}
    return {
        "ready_bundle": Scene("ready", site.link(grants[0])),
        "pending_bundle": Scene("pending", site.link(grants[0]), fields),
        "pending_bundle_look": Scene("pending", site.link(grants[0])),
    }


def _wrong(stage: Stage) -> dict[str, Scene]:
    site = stage.site
    _campaign, grant, _number = stage.grant(_card(stage))
    _campaign, locked, _number = stage.grant(_card(stage))
    for _attempt in range(10):
        site.post(site.link(locked), identity="99999")
    link = site.link(grant)
    tampered = link[:-1] + ("A" if link[-1] != "A" else "B")
    return {
        "mismatch": Scene("mismatch", link, {"identity": "99999"}),
        "rate_limited": Scene("rate_limited", site.link(locked), status=429),
        "unknown": Scene("unknown", tampered, status=404),
    }


def _others(stage: Stage) -> dict[str, Scene]:
    site = stage.site
    started = site.world.ctx.write(processes.start_phone_test, address=site.address)
    token = started.token
    _campaign, grant, number = stage.grant(_card(stage))
    reference = site.reference(grant)
    three = {"reference": reference, "identity": number, "phone": f"{int(number):04d}"[-4:]}
    return {
        "start": Scene("", f"{site.address}/"),
        "start_found": Scene("ready", f"{site.address}/", three),
        "start_mismatch": Scene("mismatch", f"{site.address}/", {**three, "phone": "0000"}),
        "test": Scene("test", f"{site.address}/T/{token}"),
        "test_opened": Scene("test", f"{site.address}/T/{token}", {}),
    }
