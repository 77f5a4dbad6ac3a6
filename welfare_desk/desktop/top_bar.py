"""The bar above the pages: search, demo or live, the claim service, jobs, and the menus for looks and user."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton

from welfare_desk.desktop import icons, theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.service_child import ServiceView
from welfare_desk.desktop.widgets.basic import badge, button, icon_button, restyle
from welfare_desk.desktop.widgets.jobs_tray import JobsTray
from welfare_desk.i18n import _, language
from welfare_desk.settings import machine

LANGUAGES = (("zh_CN", "简体中文"), ("en", "English"))


class TopBar(QFrame):
    """Shows how things stand and says what was asked for; it decides nothing."""

    look_asked = Signal(str, object)  # machine setting, value
    lock_asked = Signal()
    quit_asked = Signal()
    help_asked = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("topbar")
        key = QKeySequence("Ctrl+K").toString(QKeySequence.SequenceFormat.NativeText)
        text = _("Find people, codes, campaigns …")
        self.search = button(f"{text}   {key}" if theme.scale() <= 110 else _("Find anything"), icon="search")
        self.search.setToolTip(key)
        self.search.setObjectName("search")
        self.mode = badge(_("Demo") if desk.demo else _("Live"), "warn" if desk.demo else "plain")
        self.pill = QPushButton()
        self.jobs = JobsTray(desk.background)
        known = machine(desk.ctx.data)
        self.language = self._menu("globe", _("Language"), "window_language", LANGUAGES, language())
        themes = (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark")))
        self.theme = self._menu("moon", _("Theme"), "theme", themes, str(known["theme"]))
        self.user = self._user(desk)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*(theme.px(edge) for edge in (24, 8, 16, 8)))
        layout.setSpacing(theme.px(8))
        layout.addWidget(self.search)
        layout.addStretch(1)
        for part in (self.mode, self.pill, self.jobs, self.language, self.theme, self.user):
            layout.addWidget(part)
        self.show_service(desk.service.view if desk.service is not None else ServiceView())
        if desk.service is not None:
            desk.service.changed.connect(self.show_service)

    def show_service(self, view: ServiceView) -> None:
        """Writes the pill: what the claim service does, in a word and a colour."""
        texts = {
            "running": (_("Claim service: on"), "ok"), "starting": (_("Claim service: starting"), "warn"),
            "stopping": (_("Claim service: stopping"), "warn"), "failing": (_("Claim service: fails"), "bad"),
            "away": (_("Claim service: no answer"), "bad"), "stopped": (_("Claim service: off"), "plain"),
        }  # fmt: skip
        text, tone = texts[view.state]
        self.pill.setText(text)
        self.pill.setToolTip(view.why)
        self.pill.setProperty("pill", tone)
        restyle(self.pill)

    def _menu(self, icon: str, says: str, setting: str, choices: tuple[tuple[str, str], ...], now: str) -> QToolButton:
        made = icon_button(icon, says)
        menu = QMenu(made)
        group = QActionGroup(menu)
        for value, text in choices:
            action = QAction(text, menu, checkable=True)
            action.setChecked(value == now)
            action.triggered.connect(partial(self._ask, setting, value))
            group.addAction(action)
            menu.addAction(action)
        made.setMenu(menu)
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return made

    def _ask(self, setting: str, value: str, _checked: bool = False) -> None:
        self.look_asked.emit(setting, value)

    def _user(self, desk: Desk) -> QToolButton:
        made = icon_button("user", _("Signed in as {name}", name=desk.ctx.operator))
        menu = QMenu(made)
        head = menu.addAction(_("Signed in as {name}", name=desk.ctx.operator))
        head.setEnabled(False)
        menu.addSeparator()
        menu.addAction(icons.icon("help"), _("Help"), self.help_asked.emit)
        menu.addAction(icons.icon("lock"), _("Lock"), self.lock_asked.emit)
        menu.addAction(icons.icon("close"), _("Quit"), self.quit_asked.emit)
        made.setMenu(menu)
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return made
