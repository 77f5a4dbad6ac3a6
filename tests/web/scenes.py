"""Every state of the claim page by its cause: how to get there, as requests of a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.world import HOUR
from tests.web.site import Site
from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.claims import Fulfilment
from welfare_desk.db.models.purchasing import Code
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.queries import sent_tests as faces
from welfare_desk.queries import tickets as ticket_queries
from welfare_desk.services import processes, sent_tests, settings, tickets

NUMBER = "00001"
PHONE = "13800138000"
OTHER_PHONE = "13900139000"


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

    def reseal(self, product: int, *secrets: str, number: str = "") -> None:
        """Stocks a product with exactly these secrets."""
        keys, world = self.site.keys, self.site.world
        batch = world.stock(product, len(secrets))

        def put(_ctx: AppContext, session: Session) -> None:
            codes = session.scalars(select(Code).where(Code.batch_id == batch).order_by(Code.id)).all()
            for code, secret in zip(codes, secrets, strict=True):
                bound = {"product_id": product, "batch_id": batch, "code_id": code.id}
                code.sealed, code.blind = keys.seal_code(number, secret, **bound)

        world.ctx.write(put)

    def report(self, link: str, number: str, problem: str, note: str = "") -> None:
        """Says that what the link gave does not work."""
        self.site.post(link, identity=number, show="report", send="1", problem=problem, note=note)

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
    for make in (_codes, _kinds, _windows, _top_ups, _bundle, _after, _wrong, _others, _tests):
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


def _kinds(stage: Stage) -> dict[str, Scene]:
    site, world = stage.site, stage.site.world
    made: dict[str, Scene] = {}
    goods = {
        "coupon": ("咖啡券", ["CAFE-2026-88F3-0001", "CAFE-2026-88F3-0002"]),
        "link": ("音乐会员季卡", ["https://vip.music.example.com/redeem?code=7Q2F-88KD&from=welfare"]),
    }
    for kind, (name, secrets) in goods.items():
        product = world.product(kind)
        stage.change(Product, name=name, how_to="到店出示或在供应商页面打开")(Product.id == product)
        stage.reseal(product, *secrets)
        _campaign, grant, number = stage.grant(product, quantity=len(secrets))
        made[kind] = Scene("claimed", site.link(grant), {"identity": number})
    made["coupon_second"] = Scene("claimed", made["coupon"].url, {**(made["coupon"].fields or {}), "at": "1"})
    card = world.product()
    stage.change(Product, name="超市购物卡 200 元")(Product.id == card)
    stage.reseal(card, "918273645546", number="6228 4801 0000 1234")
    _campaign, grant, number = stage.grant(card)
    made["card_number"] = Scene("claimed", site.link(grant), {"identity": number})
    return made


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
    paid = {"account": PHONE, "confirm": PHONE}
    made["confirm"] = Scene("confirm", site.link(pending), {"identity": owner, "account": PHONE})
    made["account_edit"] = Scene("account", site.link(pending), {"identity": owner, "account": PHONE, "edit": "1"})
    made["pending"] = Scene("pending", site.link(pending), {"identity": owner, **paid})
    busy, both = _top_up(stage)
    site.post(site.link(busy), identity=both, **paid)
    made["elsewhere"] = Scene("elsewhere", site.link(busy), {"identity": both, "account": OTHER_PHONE})
    for state in ("failed", "credited", "unknown"):
        grant, number = _top_up(stage)
        site.post(site.link(grant), identity=number, **paid)
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
    fields = {"identity": number, "account": PHONE, "confirm": PHONE}
    return {
        "ready_bundle": Scene("ready", site.link(grants[0])),
        "pending_bundle": Scene("pending", site.link(grants[0]), fields),
        "pending_bundle_look": Scene("pending", site.link(grants[0])),
    }


def _after(stage: Stage) -> dict[str, Scene]:
    site = stage.site
    _campaign, grant, number = stage.grant(_card(stage))
    link, who = site.link(grant), {"identity": number}
    site.post(link, **who)
    made = {
        "receipt": Scene("receipt", link, {**who, "show": "receipt"}),
        "report": Scene("report", link, {**who, "show": "report"}),
        "report_nothing": Scene("report", link, {**who, "show": "report", "send": "1", "note": "打不开"}),
    }
    top_up, owner = _top_up(stage)
    site.post(site.link(top_up), identity=owner, account=PHONE, confirm=PHONE)
    stage.change(Fulfilment, state="credited")(Fulfilment.grant_id == top_up)
    made["receipt_top_up"] = Scene("receipt", site.link(top_up), {"identity": owner, "show": "receipt"})
    _campaign, said, teller = stage.grant(_card(stage))
    site.post(site.link(said), identity=teller)
    stage.report(site.link(said), teller, "used", "兑换时提示已使用，我还没有用过")
    made["reported"] = Scene("report", site.link(said), {"identity": teller, "show": "report"})
    made["reported_claimed"] = Scene("claimed", site.link(said), {"identity": teller})
    made["reported_look"] = Scene("claimed", site.link(said))
    _campaign, solved, asker = stage.grant(_card(stage))
    site.post(site.link(solved), identity=asker)
    stage.report(site.link(solved), asker, "invalid")
    waiting = site.world.ctx.read(ticket_queries.tickets, now=site.world.clock.now())
    site.world.ctx.write(tickets.close_ticket, ticket_id=next(one.id for one in waiting if one.grant_id == solved),
                         answer="供应商已为您重新激活这张卡，请再试一次。\n如仍不行，请再次反映。")  # fmt: skip
    made["answered"] = Scene("claimed", site.link(solved), {"identity": asker})
    made["answered_look"] = Scene("claimed", site.link(solved))
    return made


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


def _tests(stage: Stage) -> dict[str, Scene]:
    site, now = stage.site, stage.site.world.clock.now()
    _campaign, grant, _number = stage.grant(_card(stage))
    running = site.world.ctx.read(faces.face_of_grant, grant_id=grant)
    product = site.world.product("top_up", account="phone")
    key = site.world.ctx.read(lambda session: session.get_one(Product, product).key)
    plan = Plan("春节福利", key, Audience("all"), now + HOUR, now + 99 * HOUR, "Asia/Shanghai")
    planned = site.world.ctx.read(faces.face_of_plan, plan=plan)
    assert running is not None
    assert planned is not None
    write = site.world.ctx.write
    card = write(sent_tests.start_sent_test, address=site.address, face=running)
    call = write(sent_tests.start_sent_test, address=site.address, face=planned)
    return {
        "sent_test": Scene("test", card),
        "sent_test_claimed": Scene("test", card, {"identity": "00001"}),
        "sent_test_top_up": Scene("test", call),
        "sent_test_confirm": Scene("test", call, {"identity": "1", "account": PHONE}),
        "sent_test_pending": Scene("test", call, {"identity": "1", "account": PHONE, "confirm": PHONE}),
    }
