"""What comes around a claim: the account confirmed, another device at it, receipt, report and its answer."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.support import claim_page
from tests.web.scenes import OTHER_PHONE, PHONE, Stage
from tests.web.site import Site
from welfare_desk.db.models.claims import Claim, Fulfilment
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.db.models.tickets import Ticket
from welfare_desk.queries import tickets as ticket_queries
from welfare_desk.services import tickets

HOUR = 3_600_000
SAY = {"show": "report", "send": "1"}


def top_up(site: Site) -> tuple[str, str]:
    """(link, employee number) of somebody with a top-up to claim."""
    _campaign, grant, number = Stage(site).grant(site.world.product("top_up", account="phone"))
    return site.link(grant), number


def claimed(site: Site, **changed: Any) -> tuple[str, str, str]:
    """(link, employee number, code) of somebody who has claimed a card."""
    product = site.world.product()
    site.world.stock(product, 1)
    _campaign, grant, number = Stage(site).grant(product, **changed)
    return site.link(grant), number, site.post(site.link(grant), identity=number).codes[0]


def rows(site: Site, model: Any) -> list[Any]:
    return site.world.ctx.read(lambda session: list(session.scalars(select(model))))


def test_a_top_up_starts_only_when_its_account_was_confirmed(site: Site) -> None:
    url, number = top_up(site)
    asked = site.post(url, identity=number, account=PHONE)
    assert asked.state == "confirm"
    assert PHONE in asked.text
    assert not asked.visible
    assert not rows(site, Claim)
    other = site.post(url, identity=number, account=OTHER_PHONE, confirm=PHONE)
    assert (other.state, rows(site, Claim)) == ("confirm", [])
    states = [site.post(url, **asked.hidden).state for _again in range(3)]
    assert states == ["pending"] * 3
    assert len(rows(site, PurchaseOrder)) == 1


def test_a_wrong_number_is_not_told_what_it_would_confirm(lite_site: Site) -> None:
    url, _number = top_up(lite_site)
    page = lite_site.post(url, identity="99999", account=PHONE, confirm=PHONE)
    assert page.state == "mismatch"
    assert not rows(lite_site, Claim)


def test_the_account_can_be_typed_again(lite_site: Site) -> None:
    url, number = top_up(lite_site)
    asked = lite_site.post(url, identity=number, account=PHONE)
    again = lite_site.post(url, **{**asked.hidden, "edit": "1"})
    assert again.state == "account"
    assert again.visible == ["account"]
    assert f'value="{PHONE}"' in again.text
    assert lite_site.post(url, **{**again.hidden, "account": OTHER_PHONE}).state == "confirm"


def test_another_account_while_one_is_topped_up_is_told_so(site: Site) -> None:
    url, number = top_up(site)
    site.post(url, identity=number, account=PHONE, confirm=PHONE)
    assert site.post(url, identity=number, account=PHONE).state == "pending"
    for typed in ({"account": OTHER_PHONE}, {"account": OTHER_PHONE, "confirm": OTHER_PHONE}):
        page = site.post(url, identity=number, **typed)
        assert page.state == "elsewhere"
        assert OTHER_PHONE not in page.text
    assert [row.account_masked for row in rows(site, Fulfilment)] == ["138****8000"]
    assert site.post(url, identity=number).state == "pending"
    site.world.ctx.write(lambda _ctx, session: session.execute(update(Fulfilment).values(state="credited")))
    assert site.post(url, identity=number, account=OTHER_PHONE).state == "credited"


def test_a_receipt_names_nobody_in_full_and_holds_no_code(site: Site) -> None:
    url, number, code = claimed(site)
    site.world.ctx.write(lambda _ctx, session: session.execute(update(Person).values(name="欧阳明月")))
    page = site.post(url, identity=number, show="receipt")
    assert page.state == "receipt"
    assert not page.codes
    assert code not in page.text
    assert "欧***" in page.text
    assert "欧阳" not in page.text
    assert url.rsplit("/", 1)[-1] not in page.text
    assert site.post(url, **page.hidden).codes == [code]


@pytest.mark.parametrize("shows", ["receipt", "report", "nonsense"])
def test_asking_for_it_claims_nothing_and_needs_the_check(site: Site, shows: str) -> None:
    product = site.world.product()
    site.world.stock(product, 1)
    _campaign, grant, number = Stage(site).grant(product)
    assert site.post(site.link(grant), identity=number, show=shows, send="1", problem="used").state == "ready"
    assert not rows(site, Claim)
    url, _number, code = claimed(site)
    page = site.post(url, identity="99999", show=shows, send="1", problem="used")
    assert page.state == "mismatch"
    assert code not in page.text
    assert not rows(site, Ticket)


def test_a_report_is_promised_an_answer_and_shows_it(site: Site) -> None:
    url, number, code = claimed(site)
    form = site.post(url, identity=number, show="report")
    assert form.state == "report"
    assert "1 天内" in form.text
    assert site.post(url, identity=number, **SAY).text.count("请选择其中一项")
    assert not rows(site, Ticket)
    note = "<script>alert(1)</script>\n" + "字" * 600
    assert "正在处理" in site.post(url, identity=number, **SAY, problem="used", note=note).text
    (ticket,) = rows(site, Ticket)
    assert ticket.due_at == site.world.clock.now() + 24 * HOUR
    assert len(ticket.note) == tickets.NOTE_SIGNS
    assert site.post(url, identity=number, **SAY, problem="other").state == "report"
    assert len(rows(site, Ticket)) == 1
    again = site.post(url, identity=number)
    assert again.codes == [code]
    assert "正在处理" in again.text
    assert "正在处理" in site.look(url).text
    answer = "已换 & <b>重发</b>"
    site.world.ctx.write(tickets.close_ticket, ticket_id=ticket.id, answer=answer)
    assert "已换 &amp; &lt;b&gt;重发&lt;/b&gt;" in site.post(url, identity=number).text
    look = site.look(url).text
    assert "已答复" in look
    assert "重发" not in look


def test_what_somebody_wrote_is_never_markup(lite_site: Site) -> None:
    url, number, _code = claimed(lite_site)
    page = lite_site.post(url, identity=number, **SAY, note="</textarea><script>x</script>", problem="bogus")
    assert page.state == "report"
    assert "<script>x" not in page.text
    assert "&lt;/textarea&gt;" in page.text


def test_reports_are_limited_per_grant(site: Site) -> None:
    url, number, _code = claimed(site)
    for _time in range(tickets.MOST_A_DAY):
        site.post(url, identity=number, **SAY, problem="used")
        site.world.ctx.write(close_all)
    page = site.post(url, identity=number, **SAY, problem="used")
    assert "多次反映" in page.text
    assert len(rows(site, Ticket)) == tickets.MOST_A_DAY
    site.world.clock.moment += 25 * HOUR
    assert "正在处理" in site.post(url, identity=number, **SAY, problem="used").text


def close_all(ctx: Any, session: Any) -> None:
    for ticket in session.scalars(select(Ticket).where(Ticket.state == "open")).all():
        tickets.close_ticket(ctx, session, ticket_id=ticket.id, answer="好的")


def test_reports_at_the_same_moment_are_one_ticket(site: Site) -> None:
    url, number, _code = claimed(site)
    with ThreadPoolExecutor(6) as pool:
        said = [pool.submit(site.post, url, identity=number, **SAY, problem="used") for _phone in range(6)]
        assert {one.result().state for one in said} == {"report"}
    assert len(rows(site, Ticket)) == 1


def test_the_start_page_leads_to_receipt_and_report_too(lite_site: Site) -> None:
    site = lite_site
    product = site.world.product()
    site.world.stock(product, 1)
    _campaign, grant, number = Stage(site).grant(product)
    three = {"reference": site.reference(grant), "identity": number, "phone": f"{int(number):04d}"[-4:]}
    found = site.post(f"{site.address}/", **three)
    given = site.post(f"{site.address}/", **found.hidden)
    after = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', given.text))
    assert site.post(f"{site.address}/", **after, show="receipt").state == "receipt"
    assert site.post(f"{site.address}/", **after, **SAY, problem="invalid").state == "report"
    assert site.world.ctx.read(lambda session: session.scalar(select(func.count()).select_from(Ticket))) == 1


def test_a_top_up_that_takes_long_can_be_reported(lite_site: Site) -> None:
    url, number = top_up(lite_site)
    lite_site.post(url, identity=number, account=PHONE, confirm=PHONE)
    assert lite_site.look(url).action is None
    lite_site.world.clock.moment += 2 * HOUR
    look = lite_site.look(url)
    assert look.visible == ["identity"]
    assert "data-refresh=" not in look.text
    page = lite_site.post(url, identity=number, show="report")
    assert 'value="not_credited"' in page.text
    assert 'value="used"' not in page.text
    lite_site.post(url, identity=number, **SAY, problem="not_credited")
    (row,) = lite_site.world.ctx.read(ticket_queries.tickets, now=lite_site.world.clock.now())
    assert row.kind == "not_credited"
    assert claim_page.read(lite_site.client.get(url)).state == "pending"
