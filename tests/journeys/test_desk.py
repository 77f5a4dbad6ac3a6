"""The whole way in the real window: supplier, shelf, order, Excel list, campaign, mail, claim, number on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from tests.support import claim_page
from tests.support.mail import Sink, link_in, mail_sink
from tests.support.processes import PASSWORD, Cli, healthy, make_cli
from tests.support.script import people_list
from tests.support.window import application, doors, turn, until
from welfare_desk.desktop.application import Application
from welfare_desk.desktop.pages.shelf import ON_SHELF
from welfare_desk.desktop.shell import UnlockForm
from welfare_desk.files.tables import read_table
from welfare_desk.services import mail_settings, setup
from welfare_desk.settings import machine, save_machine

PEOPLE = 3
MOST_CLICKS = 12  # from the dropped list to queued links
pytestmark = pytest.mark.usefixtures("qtbot")


@dataclass
class Walk:
    """The window with what stands around it, and how often a person pressed something."""

    app: Application
    cli: Cli
    sink: Sink
    folder: Path
    clicks: int = 0

    @property
    def window(self) -> Any:
        """The main window."""
        assert self.app.window is not None
        return self.app.window

    def page(self, name: str) -> Any:
        """A page of the window."""
        return self.window.page(name)

    @property
    def service(self) -> str:
        """Where the desk's own service answers."""
        return f"http://127.0.0.1:{machine(self.folder / 'data')['port']}"

    def tap(self, button: QAbstractButton) -> None:
        """One click of a person, possible only on what can be seen and used."""
        until(lambda: button.isVisible() and button.isEnabled(), what=f"{button.text()!r} can be pressed")
        self.clicks += 1
        button.click()
        turn()


@pytest.fixture
def walk(tmp_path: Path, empty_database_url: str) -> Iterator[Walk]:
    """An unlocked desk that runs its own service, a simulated supplier and a mail server."""
    data = tmp_path / "data"
    shared = {"company_name": "晨光科技"}
    setup.prepare(data=data, database=empty_database_url, password=PASSWORD, shared=shared)
    save_machine(data, window_language="en", theme="light")
    cli = make_cli(tmp_path, WELFARE_DESK_DATABASE=empty_database_url)
    with mail_sink() as sink, application(doors(data, database=empty_database_url)) as app:
        form = until(lambda: app.shell.findChild(UnlockForm))
        form.password.setText(PASSWORD)
        form.button.click()
        until(lambda: app.window, 60)
        yield Walk(app, cli, sink, tmp_path)
    cli.stop()


def texts(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


def press(walk: Walk, within: QWidget, text: str) -> None:
    """Presses the visible button that begins with `text`."""

    def found() -> QAbstractButton | None:
        buttons = within.findChildren(QAbstractButton)
        return next((one for one in buttons if one.isVisible() and one.text().startswith(text)), None)

    walk.tap(until(found, what=f"a button {text!r}"))


def test_from_an_excel_list_to_a_claimed_code(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    until(lambda: walk.app.watch.service.view.state == "running", 60, "the desk runs its service")
    walk.app.desk.ctx.write(mail_settings.save, address=walk.sink.address())
    connect_supplier(walk, monkeypatch)
    product = put_on_shelf(walk)
    order(walk, product, 10)
    import_list_and_launch(walk)
    assert walk.clicks <= MOST_CLICKS
    claim_one(walk)
    correct_resend_and_replace(walk, monkeypatch)
    export_and_print(walk, monkeypatch)
    told = walk.cli.json("reconcile")
    assert told["ok"], told


def connect_supplier(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    config = walk.cli.simulator()
    monkeypatch.setattr("welfare_desk.desktop.pages.supplier_form.ask_open", lambda *_asked: config)
    walk.window.show_page("shelf")
    press(walk, walk.page("shelf"), "Connect a supplier")
    press(walk, walk.window.drawer, "Choose a file")
    form = walk.window.drawer._inner.widget()
    until(lambda: form.form.values()["url"], what="the supplier's file is read")
    form.form.field("name").setText("sim")
    press(walk, walk.window.drawer, "Connect and fetch")
    until(lambda: walk.page("shelf").model.rows, 60, "the catalogue is on the shelf page")
    until(lambda: "Done." in texts(walk.window.drawer), 60, "the catalogue is complete")
    walk.window.drawer.close_drawer()


def put_on_shelf(walk: Walk) -> Any:
    page = walk.page("shelf")
    at = next(at for at, row in enumerate(page.model.rows) if row[2] == "card_secret")
    product = page.model.rows[at][-1]
    page.table.clicked.emit(page.model.index(at, ON_SHELF))
    until(lambda: page.model.rows[at][0], what="the switch is on")
    return product


def order(walk: Walk, product: Any, count: int) -> None:
    walk.app.desk.go("purchasing", product=product.product, ask=True)
    form = until(lambda: walk.window.drawer.isVisible() and walk.window.drawer._inner.widget())
    until(form.order.isEnabled, what="the order can be placed")
    form.quantity.setValue(count)
    walk.tap(form.order)
    page = walk.page("purchasing")
    until(lambda: [row[6][0] for row in page.models["orders"].rows] == ["Received"], 60, "the codes arrive")
    until(lambda: any(row[2] == count for row in page.models["stock"].rows), 20, "stock counts them")


def import_list_and_launch(walk: Walk) -> None:
    walk.clicks = 0
    walk.window.drop.dropped.emit(str(people_list(walk.folder / "list.xlsx", PEOPLE)))
    wizard = walk.page("import_people").wizard
    until(lambda: wizard.index() == 1, 30, "the columns are recognised")
    walk.tap(wizard.next)
    until(lambda: wizard.index() == 2, what="the list is checked")
    walk.tap(wizard.next)
    until(lambda: wizard.index() == 3, what="what changes is shown")
    walk.tap(wizard.next)
    until(lambda: wizard.index() == 4, what="the list is imported")
    until(lambda: len(walk.page("import_people").result.people) == PEOPLE)
    walk.tap(wizard.next)
    campaign = walk.page("campaign_wizard")
    until(campaign.what.cards.buttons, what="the shelf is shown")
    walk.tap(campaign.what.cards.buttons()[0])
    for step in range(4):
        walk.tap(campaign.wizard.next)
        until(lambda step=step: campaign.wizard.index() == step + 1, what=f"step {step + 2}")
    assert f"{PEOPLE} people get {PEOPLE} links, {PEOPLE} of them by e-mail" in campaign.review.sentence.text()
    assert campaign.wizard.next.text() == f"Send {PEOPLE} links"
    walk.tap(campaign.wizard.next)
    until(lambda: walk.window.current == "campaign", 30, "the campaign is shown")


def claim_one(walk: Walk) -> None:
    page = walk.page("campaign")
    until(lambda: len(walk.sink.mails) == PEOPLE, 60, "every link was mailed")
    until(lambda: page.kpis["reached"].value() == str(PEOPLE), 30, "the window counts who was reached")
    assert page.kpis["claimed"].value() == "0"
    assert healthy(walk.service)
    link = claim_page.local(link_in(walk.sink.mails[0]), walk.service)
    number = str(walk.sink.mails[0]["To"]).partition("@")[0].removeprefix("p")
    with httpx.Client(timeout=30) as phone:
        assert claim_page.claim(phone, link, "999").state == "mismatch"
        told = claim_page.claim(phone, link, number)
        again = claim_page.claim(phone, link, number)
    assert (told.state, len(told.codes)) == ("claimed", 1)
    assert again.codes == told.codes
    until(lambda: page.kpis["claimed"].value() == "1", 20, "the window shows the claim as it happens")
    walk.window.show_page("dashboard")
    dashboard = walk.page("dashboard")
    shows(dashboard, lambda said: "1" in said and "3" in said)
    walk.window.show_page("campaigns")
    until(lambda: [row[3] for row in walk.page("campaigns").model.rows] == [(1, PEOPLE)], 20, "the list counts it")


def shows(page: QWidget, wanted: Callable[[str], bool]) -> None:
    until(lambda: any(wanted(text) for text in texts(page)), 20, "the dashboard shows the claim")


def correct_resend_and_replace(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is corrected, the same link goes out again; a replaced one says so."""
    monkeypatch.setattr("welfare_desk.desktop.pages.grant_actions.confirm", lambda *_a, **_k: True)
    walk.app.desk.go("campaign", campaign_id=walk.page("campaigns").model.rows[0][-1])
    people = walk.page("campaign").people
    until(lambda: len(people.model.rows) == PEOPLE)
    at, found = next((at, row[-1]) for at, row in enumerate(people.model.rows) if row[-1].claimed_at is None)
    people.table.selectRow(at)
    before = link_in(next(mail for mail in walk.sink.mails if mail["To"] == found.email))
    press(walk, people, "Open person")
    press(walk, walk.window.drawer, "Correct")
    form = walk.window.drawer._inner.widget()
    form.form.field("email").setText("right@example.com")
    press(walk, walk.window.drawer, "Save")
    until(lambda: not walk.window.drawer.isVisible())
    press(walk, people, "Resend")
    again = until(lambda: mail_to(walk, "right@example.com", 1), 30, "the mail goes to the right address")
    assert link_in(again) == before
    press(walk, people, "Replace link")
    fresh = link_in(until(lambda: mail_to(walk, "right@example.com", 2), 30, "the new link is on its way"))
    assert fresh != before
    with httpx.Client(timeout=30) as phone:
        assert claim_page.read(phone.get(claim_page.local(before, walk.service))).state == "revoked"
        assert claim_page.read(phone.get(claim_page.local(fresh, walk.service))).state == "ready"


def mail_to(walk: Walk, address: str, count: int) -> Any:
    """The newest mail to an address, once there are `count`."""
    found = [mail for mail in walk.sink.mails if mail["To"] == address]
    return found[-1] if len(found) >= count else None


def export_and_print(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.app.desk.go("campaign", campaign_id=walk.page("campaigns").model.rows[0][-1])
    monkeypatch.setattr("welfare_desk.desktop.pages.link_sheets.confirm", lambda *_a, **_k: True)
    for name, text in (("links.xlsx", "Export links"), ("cards.pdf", "Print cards")):
        target = walk.folder / name
        monkeypatch.setattr("welfare_desk.desktop.pages.link_sheets.ask_save", lambda *_a, target=target: target)
        press(walk, walk.page("campaign"), text)
        until(target.exists, 60, f"{name} is saved")
        until(lambda: not walk.app.desk.background.busy(), 30)
    table = read_table(walk.folder / "links.xlsx")
    assert table.columns == ("employee_no", "name", "department", "reference", "url")
    assert {str(row[0]) for row in table.rows} == {f"{number:05}" for number in range(1, PEOPLE + 1)}
    assert (walk.folder / "cards.pdf").read_bytes().startswith(b"%PDF")
    book = openpyxl.load_workbook(walk.folder / "links.xlsx")
    assert book.active["E2"].value.startswith("HTTP")
