"""Settings, made from the settings table: company, claim pages, mail server, looks of this window, demo data."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import confirm
from welfare_desk.desktop.pages.settings_look import KEYS as LOOK_KEYS
from welfare_desk.desktop.pages.settings_look import LookCard
from welfare_desk.desktop.pages.settings_mail import MailCard
from welfare_desk.desktop.widgets.basic import button, card, column, holder, label, primary, row
from welfare_desk.desktop.widgets.fields import Form, choose
from welfare_desk.desktop.widgets.page import Page, scrolled
from welfare_desk.i18n import _, error_text, language
from welfare_desk.queries import settings as settings_queries
from welfare_desk.services import settings as settings_services
from welfare_desk.settings import machine, save_machine

COMPANY = ("company_name", "hr_contact", "help_text", "public_url", "language")
LOOKS = ("window_language", "theme", "scale")
LANGUAGES = [("zh_CN", "简体中文"), ("en", "English")]


class SettingsPage(Page):
    """Shared settings are saved with one button; looks change at once."""

    NOUNS = ("settings",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Settings"))
        self._loaded: dict[str, Any] = {}
        self.company = Form(width=520)
        self.save = primary(_("Save"), self._save)
        self.mail = MailCard(desk)
        self.look = LookCard(desk)
        left = column(self._company_card(), self.look, self.mail, None, spacing=16)
        right = column(
            self._looks_card(), self._service_card(), self._backup_card(), *self._demo_card(), None, spacing=16
        )
        side = holder(right)
        side.setFixedWidth(theme.px(340))
        self.body.addWidget(scrolled(holder(row(holder(left), side, spacing=16))), 1)

    def refresh(self) -> None:
        """Reads the shared settings and the mail server."""
        self.desk.background.read(settings_queries.shared, self._show, key="settings")
        self.mail.refresh()
        self.look.refresh()

    def show_target(self, **target: Any) -> None:
        """Puts the cursor into `field`."""
        name = str(target.get("field", ""))
        if name in COMPANY:
            self.company.field(name).setFocus()
        elif name == "smtp":
            self.mail.setFocus()
        elif name in LOOK_KEYS:
            self.look.setFocus()

    def _company_card(self) -> QWidget:
        texts = captions()
        for key in ("company_name", "hr_contact"):
            self.company.add_line(key, *texts[key][:1], hint=texts[key][1])
        words = QPlainTextEdit()
        words.setFixedHeight(theme.px(72))
        words.setTabChangesFocus(True)
        self.company.add("help_text", texts["help_text"][0], words, hint=texts["help_text"][1])
        self.company.add_line("public_url", texts["public_url"][0], hint=texts["public_url"][1])
        self.company.add_choice("language", texts["language"][0], LANGUAGES, "zh_CN", hint=texts["language"][1])
        return card(
            label(_("Claim pages and messages"), "section"), self.company, row(self.save, None), spacing=16, margin=24
        )

    def _looks_card(self) -> QWidget:
        known = machine(self.desk.ctx.data)
        form = Form(width=280)
        themes = [("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]
        form.add_choice("window_language", _("Language of the window"), LANGUAGES, language())
        form.add_choice("theme", _("Theme"), themes, known["theme"])
        form.add_choice("scale", _("Text size"), [(size, f"{size} %") for size in theme.SCALES], known["scale"])
        form.changed.connect(self._look)
        self.looks = form
        return card(label(_("This window"), "section"), form, spacing=16, margin=24)

    def _service_card(self) -> QWidget:
        go = button(_("Address, phone test, on and off"), lambda: self.desk.go("service"))
        return card(label(_("Claim service"), "section"), row(go, None), spacing=16, margin=24)

    def _backup_card(self) -> QWidget:
        go = button(_("Backup, schedule, rehearsal"), lambda: self.desk.go("backup"))
        return card(label(_("Backup and restore"), "section"), row(go, None), spacing=16, margin=24)

    def _demo_card(self) -> list[QWidget]:
        if not self.desk.demo:
            return []
        text = label(_("All of this is invented. Nothing can be sent outside."), "muted", wrap=True)
        drop = button(_("Delete the demo data"), self._clear_demo, kind="danger")
        return [card(label(_("Demo data"), "section"), text, row(drop, None), tone="warn", spacing=12, margin=24)]

    def _show(self, found: dict[str, Any]) -> None:
        self._loaded = {key: found[key] for key in COMPANY}
        for key in COMPANY:
            fill(self.company.field(key), found[key])
        self.company.clear_errors()

    def _save(self) -> None:
        values = self.company.values()
        changed = {key: values[key] for key in COMPANY if values[key] != self._loaded.get(key)}
        if not changed:
            self.desk.toast(_("Nothing was changed"))
            return
        wrong = url_problem(str(values["public_url"]))
        if wrong:
            self.company.set_error("public_url", wrong)
            return
        self.save.setEnabled(False)
        self.desk.background.write(settings_services.change, self._saved, self._refused, values=changed)

    def _saved(self, _result: Any) -> None:
        self.save.setEnabled(True)
        self.desk.toast(_("Saved"))
        self.desk.changed.emit("settings")

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.company.show_error(error):
            self.desk.toast(error_text(language(), error))

    def _look(self, name: str) -> None:
        if name in LOOKS:
            save_machine(self.desk.ctx.data, **{name: self.looks.values()[name]})
            self.desk.look_changed.emit()

    def _clear_demo(self) -> None:
        text = _("The demo data folder is deleted and the window starts anew.")
        if confirm(self, _("Delete the demo data?"), text, _("Delete"), danger=True):
            self.desk.demo_dropped.emit()


def captions() -> dict[str, tuple[str, str]]:
    """Caption and hint of each shared setting."""
    return {
        "company_name": (_("Company name"), _("Company name, shown on every claim page")),
        "hr_contact": (_("HR contact"), _("Whom to ask, shown on every claim page")),
        "help_text": (_("Help text"), _("Extra help below every claim page")),
        "public_url": (
            _("Address in links"),
            _("Like https://welfare.example.com; empty means the address on this network"),
        ),
        "language": (_("Language of messages"), _("Language of messages and of pages when a phone does not ask")),
    }


def fill(field: QWidget, value: Any) -> None:
    """Puts a stored value into its field without calling that a change by the person."""
    field.blockSignals(True)
    choose(field, value)
    field.blockSignals(False)


def url_problem(url: str) -> str:
    """What is wrong with an address for links, "" when it can be used."""
    if not url:
        return ""
    if not url.lower().startswith(("http://", "https://")):
        return _("It begins with https:// or http://")
    if "?" in url or "#" in url or " " in url:
        return _("Only the address, without ? or # behind it")
    return ""
