"""The claim service page: where phones reach it, a code a phone can read, and green once one came through."""

from __future__ import annotations

from pathlib import Path

import zxingcpp
from PIL import Image
from pytestqt.qtbot import QtBot

from tests.support.desk import open_desk
from welfare_desk.desktop.pages.service import ServicePage
from welfare_desk.desktop.service_child import ServiceView
from welfare_desk.services import processes
from welfare_desk.settings import machine


def test_the_code_turns_green_when_a_phone_came(qtbot: QtBot, tmp_path: Path) -> None:
    with open_desk(tmp_path, real_clock=True) as made:
        page = ServicePage(made.desk)
        qtbot.addWidget(page)
        page.show()
        page.show_view(ServiceView("running", "", ("http://127.0.0.1:8080", "http://192.168.1.5:8080")))
        made.until(lambda: page.test_url.text().startswith("HTTP://192.168.1.5:8080/T/"))
        assert page.verdict.text() == "Waiting for a phone …"
        page.code.grab().save(str(tmp_path / "code.png"))
        with Image.open(tmp_path / "code.png") as picture:
            read = [found.text for found in zxingcpp.read_barcodes(picture.convert("L").resize((660, 660)))]
        assert read == [page.test_url.text()]
        token = page.test_url.text().rpartition("/")[2]
        made.desk.ctx.write(processes.open_phone_test, token=token, agent="a phone")
        made.until(lambda: page.verdict.text().startswith("A phone came through at "))
        assert page.code.grab().toImage().pixelColor(1, 1).name() == "#1b6e3c"
        page.hide()


def test_it_says_why_it_does_not_run(qtbot: QtBot, tmp_path: Path) -> None:
    with open_desk(tmp_path) as made:
        page = ServicePage(made.desk)
        qtbot.addWidget(page)
        page.show_view(ServiceView("failing", "Port 8080 is taken by another program."))
        assert page.why.text() == "Port 8080 is taken by another program."
        assert page.state.property("badge") == "bad"
        assert page.verdict.text() == "Start the service first."
        made.settle()
        assert not page.code.isVisibleTo(page)


def test_a_local_address_is_warned_of(qtbot: QtBot, tmp_path: Path) -> None:
    with open_desk(tmp_path) as made:
        page = ServicePage(made.desk)
        qtbot.addWidget(page)
        page.show_view(ServiceView("running", "", ("http://192.168.1.5:8080",)))
        assert page.banner.text().startswith("Links carry an address of this network")
        page._settings({"public_url": "https://welfare.example.com"})
        assert page.banner.text() == ""
        page._settings({"public_url": "http://192.168.77.5:8080"})
        assert page.banner.text().startswith("Links begin with http://192.168.77.5:8080, but this computer is now ")
        made.settle()


def test_another_port_is_kept_and_starts_the_service_anew(qtbot: QtBot, tmp_path: Path) -> None:
    with open_desk(tmp_path) as made:
        page = ServicePage(made.desk)
        qtbot.addWidget(page)
        page.options.port.setValue(9443)
        page.options.use.click()
        assert machine(tmp_path)["port"] == 9443
        page.show_view(ServiceView("failing", "The passphrase is wrong."))
        assert page.options.secret.isVisibleTo(page)
        made.settle()
