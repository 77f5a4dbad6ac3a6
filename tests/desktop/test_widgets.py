"""The parts of pages: what they say, what they ask, and that keyboards and screen readers get all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from welfare_desk.desktop import formats
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.dialogs import Confirm
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import ElidedLabel, badge, icon_button, label
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.drawer import Drawer
from welfare_desk.desktop.widgets.drop_overlay import DropOverlay, refusal
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.desktop.widgets.jobs_tray import JobsTray
from welfare_desk.desktop.widgets.kpi import Kpi
from welfare_desk.desktop.widgets.qr import QrWidget, image
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.desktop.widgets.toast import Toast
from welfare_desk.desktop.widgets.wizard import Step, Wizard
from welfare_desk.errors import Refused
from welfare_desk.files import qr
from welfare_desk.i18n import set_language


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def test_labels_never_read_data_as_markup(qtbot: QtBot) -> None:
    for made in (label("<b>x</b>"), badge("<b>x</b>"), ElidedLabel("<b>x</b>")):
        qtbot.addWidget(made)
        assert made.textFormat() == Qt.TextFormat.PlainText


def test_a_form_shows_the_error_at_its_field(qtbot: QtBot) -> None:
    form = Form()
    line = form.add_line("public_url", "Address in links", hint="Like https://…")
    form.add_choice("language", "Language", [("en", "English"), ("zh_CN", "中文")], "zh_CN")
    shown(qtbot, form)
    assert form.values() == {"public_url": "", "language": "zh_CN"}
    assert form.show_error(Refused("not_prepared", field="public_url", data="x"))
    wrong = form._rows["public_url"][1]
    assert wrong.isVisible()
    assert line.property("invalid") == "true"
    line.setText("https://x")
    assert not wrong.isVisible()
    assert not form.show_error(Refused("not_prepared", field="elsewhere", data="x"))
    assert (line.accessibleName(), line.accessibleDescription()) == ("Address in links", "Like https://…")


def test_a_search_speaks_once_the_typing_rests(qtbot: QtBot) -> None:
    box = SearchBox("Search")
    shown(qtbot, box)
    said: list[str] = []
    box.searched.connect(said.append)
    qtbot.keyClicks(box, "zhang")
    assert said == []
    qtbot.waitUntil(lambda: said == ["zhang"])
    box.clear()
    assert said == ["zhang", ""]


def test_a_toast_undoes_once(qtbot: QtBot) -> None:
    ground = QWidget()
    ground.resize(800, 400)
    toast = Toast(ground)
    shown(qtbot, ground)
    undone: list[str] = []
    toast.say("Archived", "Undo", lambda: undone.append("undone"))
    assert toast.isVisible()
    toast._button.click()
    toast._pressed()
    assert undone == ["undone"]
    assert not toast.isVisible()


def test_a_drawer_closes_with_escape_and_gives_the_focus_back(qtbot: QtBot) -> None:
    ground = QWidget()
    ground.resize(1000, 500)
    field = QLineEdit(ground)
    drawer = Drawer(ground)
    shown(qtbot, ground)
    field.setFocus()
    inner = QLineEdit()
    inner.setWindowTitle("张三")
    drawer.show_widget(inner)
    assert drawer.isVisible()
    assert drawer.geometry().right() == ground.rect().right()
    with qtbot.waitSignal(drawer.closed):
        qtbot.keyClick(drawer, Qt.Key.Key_Escape)
    assert not drawer.isVisible()
    qtbot.waitUntil(field.hasFocus)


def drag(window: QWidget, *paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    middle = window.rect().center()
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(middle, action, data, button, keys))
    return data


def drop(window: QWidget, data: QMimeData) -> None:
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDropEvent(QPointF(window.rect().center()), action, data, button, keys))


def test_the_window_takes_one_table_file(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    window.resize(600, 300)
    overlay = DropOverlay(window)
    shown(qtbot, window)
    taken, refused = [], []
    overlay.dropped.connect(taken.append)
    overlay.refused.connect(refused.append)
    data = drag(window, tmp_path / "名单.xlsx")
    assert overlay.isVisible()
    assert "名单.xlsx" in overlay.findChild(QLabel).text()
    drop(window, data)
    assert taken == [str(tmp_path / "名单.xlsx")]
    assert not overlay.isVisible()
    drop(window, drag(window, tmp_path / "photo.png"))
    drop(window, drag(window, tmp_path / "a.csv", tmp_path / "b.csv"))
    assert len(taken) == 1
    assert ["photo.png" in text for text in refused] == [True, False]
    assert refusal(QMimeData())


def test_a_wizard_goes_on_only_when_its_owner_agrees(qtbot: QtBot) -> None:
    wizard = Wizard([Step("What", QWidget()), Step("Who", QWidget()), Step("Check", QWidget(), "Send 3")])
    shown(qtbot, wizard)
    leaving: list[int] = []
    wizard.leaving.connect(leaving.append)
    qtbot.keyClick(wizard, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert leaving == [0]
    assert not wizard.next.isEnabled()
    wizard.complain("Choose a product first.")
    assert wizard.banner.text() == "Choose a product first."
    wizard.go(1)
    wizard.go(2)
    assert wizard.next.text() == "Send 3"
    qtbot.keyClick(wizard, Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.ControlModifier)
    assert wizard.index() == 1
    wizard._chips[0].click()
    assert wizard.index() == 0
    wizard.forget_from(0)
    assert not wizard._chips[2].isEnabled()


def test_the_jobs_tray_counts_and_cancels(qtbot: QtBot, background: Background) -> None:
    tray = JobsTray(background)
    shown(qtbot, tray)
    background.job_started.emit(1, "Importing people")
    background.job_moved.emit(1, 1200, 5000, "row 1200")
    assert tray.text() == "1 job"
    line = tray.row(1)
    assert line is not None
    assert line._line.text() == "1,200 / 5,000 · row 1200"
    background.job_ended.emit(1, "cancelled", None)
    assert tray.text() == "Jobs"
    assert line._line.text() == "Cancelled, nothing was kept"


def test_chips_choose_one(qtbot: QtBot) -> None:
    chips = Chips([("all", "All"), ("left", "Left")])
    qtbot.addWidget(chips)
    chips.set_count("left", 1200)
    with qtbot.waitSignal(chips.chosen) as chosen:
        chips._chips["left"].click()
    assert chosen.args == ["left"]
    assert chips.value() == "left"
    assert chips._chips["left"].text() == "Left  1,200"


def test_a_number_leads_somewhere_by_mouse_and_key(qtbot: QtBot) -> None:
    went: list[int] = []
    kpi = Kpi("In stock", lambda: went.append(1))
    shown(qtbot, kpi)
    kpi.show_value("78", "codes")
    qtbot.mouseClick(kpi, Qt.MouseButton.LeftButton)
    qtbot.keyClick(kpi, Qt.Key.Key_Return)
    assert len(went) == 2
    assert kpi.accessibleName() == "In stock 78 codes"


def test_a_banner_runs_its_action_and_hides(qtbot: QtBot) -> None:
    banner = Banner()
    shown(qtbot, banner)
    banner.say("Off", "bad", "Start", lambda: banner.say(""))
    assert banner.isVisible()
    banner.action.click()
    assert not banner.isVisible()


def test_icon_buttons_have_a_name(qtbot: QtBot) -> None:
    made = icon_button("close", "Close")
    qtbot.addWidget(made)
    assert made.accessibleName() == made.toolTip() == "Close"


def test_a_code_on_screen_is_exact(qtbot: QtBot) -> None:
    modules = qr.matrix("HTTP://192.168.1.5:8080/T/ABC")
    picture = image(modules)
    dark = [[picture.pixelColor(x, y).lightness() == 0 for x in range(len(modules))] for y in range(len(modules))]
    assert dark == [list(line) for line in modules]
    widget = QrWidget(120)
    shown(qtbot, widget)
    widget.show_matrix(modules, "HTTP://…")
    widget.set_tone("success")
    assert widget.grab().toImage().pixelColor(1, 1).name() == "#1b6e3c"


def test_a_dangerous_act_wants_its_number_typed(qtbot: QtBot) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    dialog = Confirm(ground, "Send?", "To 1,283 people.", "Send", typed="1283")
    assert not dialog.act.isEnabled()
    dialog.answer.setText("1,283")
    assert dialog.act.isEnabled()


@pytest.mark.parametrize(("minor", "text"), [(0, "¥0.00"), (2_566_000, "¥25,660.00"), (-5, "−¥0.05"), (None, "–")])
def test_money(minor: int | None, text: str) -> None:
    assert formats.money(minor) == text


def test_shares_dates_and_ages() -> None:
    assert formats.share(3, 4) == "75 %"
    assert formats.share(912, 1280) == "71.2 %"
    assert formats.share(0, 0) == "–"
    assert formats.moment(1_795_136_400_000, "Asia/Shanghai") == "2026-11-20 09:00"
    assert formats.day(1_795_136_400_000, "Asia/Shanghai") == "2026-11-20 (Fri)"
    set_language("zh_CN")
    assert formats.day(1_795_136_400_000, "Asia/Shanghai") == "2026-11-20 (周五)"
    assert formats.ago(0, 59_000) == "刚刚"
    assert formats.ago(0, 3_600_000) == "1 小时前"
