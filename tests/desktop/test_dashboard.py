"""The dashboard shows what the one query says, in words as honest as the numbers are large, and saves it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.support.demo_desk import PASSWORD, make_demo, open_demo
from welfare_desk import wiring
from welfare_desk.desktop import dashboard_words, report_export, report_table
from welfare_desk.desktop import theme as looks
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.dashboard import DashboardPage
from welfare_desk.desktop.palette import Palette
from welfare_desk.errors import Unavailable
from welfare_desk.i18n import set_language
from welfare_desk.queries import grants, reports
from welfare_desk.queries.dashboard import Dashboard
from welfare_desk.queries.reports import ClaimRow, CurvePoint
from welfare_desk.services import campaigns, claims
from welfare_desk.services.claims import ClaimRequest

DAY = dashboard_words.DAY_MS


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo data, made once."""
    return make_demo(tmp_path_factory.mktemp("demo") / "data")


@pytest.fixture
def live(qtbot: QtBot, demo_folder: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk on a copy of the demo data."""
    folder = shutil.copytree(demo_folder, tmp_path / "data")
    ctx = open_demo(folder)
    background = Background(ctx)
    yield Desk(background, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), demo=True)
    assert background.close()
    ctx.engine.dispose()


@pytest.fixture
def page(qtbot: QtBot, live: Desk) -> DashboardPage:
    """The dashboard at the size it has in a window of 1366 × 768, its first figures in."""
    made = DashboardPage(live)
    qtbot.addWidget(made)
    made.resize(1366 - 188, 768 - 52)
    made.show()
    qtbot.waitUntil(lambda: made.tiles[3].value() not in ("–", "¥0"))
    return made


def test_it_shows_what_the_query_says(qtbot: QtBot, live: Desk, page: DashboardPage) -> None:
    total = live.ctx.read(reports.totals)
    assert page.tiles[0].value() == f"{100 * total.claimed / total.reached:.0f} %"
    assert f"{total.claimed} of {total.reached} reached" in page.sentence.text()
    assert page.campaigns.model().rowCount() == page.products.model().rowCount() == 4
    page.filters.campaign.setCurrentIndex(1)
    campaign = page.filters.scope().campaign_id
    narrow = live.ctx.read(reports.totals, scope=reports.Scope(campaign_id=campaign))
    qtbot.waitUntil(lambda: page.tiles[1].value() == str(narrow.grants - narrow.claimed))
    qtbot.waitUntil(lambda: page.campaigns.model().rowCount() == 1)


def test_a_claim_appears_without_asking(qtbot: QtBot, live: Desk, page: DashboardPage) -> None:
    grants = page.tiles[1].value()
    live.ctx.write(campaigns.close, campaign_id=running(live))
    qtbot.waitUntil(lambda: "no campaign is running" in page.sentence.text())
    assert page.tiles[1].value() == grants


def test_a_claim_on_a_phone_is_seen_as_it_happens(qtbot: QtBot, live: Desk, page: DashboardPage) -> None:
    total = live.ctx.read(reports.totals)
    opened = wiring.with_keys(live.ctx, PASSWORD)
    rows = live.ctx.read(grants.grants, campaign_id=running(live), state="unclaimed").rows
    opened.write(claims.settle, requests=[ClaimRequest(rows[0].id, trusted=True)])
    qtbot.waitUntil(lambda: page.tiles[1].value() == str(total.grants - total.claimed - 1))
    qtbot.waitUntil(lambda: page.curve.accessibleDescription() == f"{total.claimed + 1} claimed")


def running(live: Desk) -> int:
    return live.ctx.read(reports.claim_rates, by="campaign").rows[0].id


def test_a_click_on_a_department_goes_one_level_down(qtbot: QtBot, page: DashboardPage) -> None:
    assert page._board is not None
    at = next(number for number, one in enumerate(page._board.departments) if one.deeper)
    page.departments.chosen.emit(at)
    assert page.filters.scope().department == "Engineering"
    qtbot.waitUntil(lambda: page._board is not None and {one.name for one in page._board.departments} == {
        "Platform", "Product"})  # fmt: skip


def test_the_data_table_holds_every_figure(qtbot: QtBot, page: DashboardPage) -> None:
    page.as_table.click()
    kinds = {page.figures.model().index(row, 0).data() for row in range(page.figures.model().rowCount())}
    assert kinds == {"Campaign", "Product", "Department"}
    assert page.figures.isVisible()


def test_everything_fits_a_small_screen(page: DashboardPage) -> None:
    assert page.minimumSizeHint().width() <= 1366 - 188
    assert page.minimumSizeHint().height() <= 768 - 52
    bar = page.departments.parent().parent()
    assert page.departments.height() <= bar.height()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_paint_in_the_colours_of_the_theme(qapp: QApplication, page: DashboardPage, theme: str) -> None:
    found = looks.apply(qapp, theme)
    picture = page.funnel.grab().toImage()
    drawn = {
        picture.pixelColor(x, y).name().upper() for x in range(0, picture.width(), 7) for y in range(picture.height())
    }
    assert found.chart[0] in drawn


def test_it_is_saved_as_one_page_a_picture_and_a_workbook(qtbot: QtBot, page: DashboardPage, tmp_path: Path) -> None:
    told: list[str] = []
    page.desk.toasted.connect(lambda text, *_rest: told.append(text))
    for name in ("board.pdf", "board.png", "board.xlsx"):
        page.save_to(tmp_path / name)
    qtbot.waitUntil(lambda: len(told) == 3)
    document = pypdfium2.PdfDocument(tmp_path / "board.pdf")
    assert len(document) == 1
    words = document[0].get_textpage().get_text_range()
    document.close()
    assert page.tiles[0].value() in words
    assert "Morninglight" in words
    assert QImage(str(tmp_path / "board.png")).width() == 2246
    book = load_workbook(tmp_path / "board.xlsx")
    rows = list(book.active.iter_rows(values_only=True))
    book.close()
    assert rows[0][1:] == ("Item", "Grants", "Reached", "Claims", "Claim rate")
    assert {type(cell) for row in rows[1:] for cell in row[2:5]} == {int}


def test_a_folder_that_is_not_there_is_said(page: DashboardPage, tmp_path: Path) -> None:
    assert page._picture is not None
    for name in ("board.pdf", "board.png", "board.xlsx"):
        with pytest.raises(Unavailable, match="file_unwritable"):
            report_export.save(path=tmp_path / "gone" / name, picture=page._picture, company="", as_of="")
    with pytest.raises(Unavailable, match="file_unwritable"):
        report_table.draw_offscreen(tmp_path / "gone" / "table.pdf", "claims", ("department",), [("a",)])


def test_a_long_report_takes_several_pages(qapp: QApplication, tmp_path: Path) -> None:
    rows = [(f"部门{number}", number, 0.5) for number in range(70)]
    report_table.draw_offscreen(tmp_path / "table.pdf", "claims", ("department", "grants", "rate"), rows)
    document = pypdfium2.PdfDocument(tmp_path / "table.pdf")
    assert len(document) == 3
    document.close()


# ---- words


def test_small_numbers_are_said_as_they_are() -> None:
    assert dashboard_words.rate_words(3, 4) == "3 of 4"
    assert dashboard_words.rate_words(24, 30) == "80 %"
    assert dashboard_words.rate_words(912, 1280) == "71.2 %"
    assert dashboard_words.rate_words(0, 0) == "–"


def board(**changed: object) -> Dashboard:
    total = ClaimRow("", "", 1300, 1280, 912, 912 / 1280)
    values = {
        "total": total, "steps": (), "curve": (), "departments": (), "products": (), "campaigns": (), "running": 1,
        "closes_at": 3 * DAY, "closing": 0, "troubles": 14,
    }  # fmt: skip
    return Dashboard(**(values | changed))  # type: ignore[arg-type]


def test_the_sentence_in_both_languages() -> None:
    said = dashboard_words.sentence(board(), "Mid-Autumn", 0)
    assert said == "Mid-Autumn: 71.2 % claimed (912 of 1,280 reached), 3 days left, 14 things need attention."
    set_language("zh_CN")
    said = dashboard_words.sentence(board(closes_at=DAY // 2, troubles=0), "中秋福利", 0)
    assert said == "中秋福利：领取率 71.2 %（已送达 1,280 份，已领取 912 份），还剩 12 小时。"
    assert dashboard_words.sentence(board(closes_at=None, running=0, troubles=1), "全部", 0).endswith(
        "，没有进行中的活动，1 项待处理。"
    )


@pytest.mark.parametrize(
    ("top", "steps"), [(1, [0, 1]), (16, [0, 5, 10, 15]), (168, [0, 50, 100, 150]), (5, [0, 2, 4])]
)
def test_round_numbers_on_the_axis(top: int, steps: list[int]) -> None:
    assert dashboard_words.nice_steps(top) == steps


def test_the_curve_goes_on_to_now() -> None:
    points = (CurvePoint(0, 0), CurvePoint(DAY, 3))
    drawn = dashboard_words.line(points, ClaimRow("", "", 10, 10, 3, 0.3), since=0, until=2 * DAY)
    assert [round(x, 2) for x, _y in drawn.points] == [0, 0.5, 1.0]
    assert drawn.points[1][1] == drawn.points[2][1]
    assert dashboard_words.line((), ClaimRow("", "", 0, 0, 0, None), since=0, until=0).points == ()


# ---- palette


@pytest.fixture
def palette(qtbot: QtBot, live: Desk, page: DashboardPage) -> Palette:
    """The palette, open over the dashboard."""
    made = Palette(live, page)
    made.open_palette()
    qtbot.waitUntil(lambda: made.list.count() > 5)
    return made


def test_a_name_is_answered_with_the_latest_grants(qtbot: QtBot, live: Desk, palette: Palette) -> None:
    went: list[tuple[str, object]] = []
    live.went.connect(lambda name, target: went.append((name, target)))
    qtbot.keyClicks(palette.box, "ivan")
    qtbot.waitUntil(lambda: palette.list.count() == 1)
    qtbot.waitUntil(lambda: "Ivan Petrov" in texts(palette))
    assert any(text.startswith("Ivan Petrov claimed ") for text in texts(palette))
    palette.open_current()
    assert [name for name, _target in went] == ["people"]
    assert not palette.isVisible()


def texts(palette: Palette) -> list[str]:
    return [found.text() for found in palette.card.findChildren(QLabel)]


def test_commands_and_nothing_found(qtbot: QtBot, live: Desk, palette: Palette) -> None:
    went: list[str] = []
    live.went.connect(lambda name, _target: went.append(name))
    palette.box.setText("dashb")
    qtbot.waitUntil(lambda: palette.list.count() == 1)
    palette.open_current()
    assert went == ["dashboard"]
    palette.open_palette()
    palette.box.setText("nobody is called that")
    qtbot.waitUntil(palette.empty.isVisible)
    palette.close_palette()
    assert not palette.isVisible()
