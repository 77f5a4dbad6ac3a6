"""Looks of the window: explicit light and dark colours, one style sheet template, a user scale of 90-150 %.

Derived palette roles and Qt's own dark mode are not trusted: every colour here is a token with a measured contrast.
Painted widgets read `tokens()` when they paint; texts and paddings come from the style sheet.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from welfare_desk.i18n import RESOURCES

MODES = ("system", "light", "dark")
SCALES = (90, 100, 110, 125, 150)
FAMILIES = ("Microsoft YaHei UI", "PingFang SC", "Segoe UI", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif")
MONO_FAMILIES = ("Cascadia Mono", "SF Mono", "Consolas", "Menlo", "Noto Sans Mono CJK SC", "monospace")


@dataclass(frozen=True)
class Tokens:
    """Named colours of one theme as #RRGGBB; `chart` holds at most five series, `ramp` the sequential hue."""

    name: str
    window: str
    surface: str
    alt: str
    text: str
    muted: str
    primary: str
    on_primary: str
    primary_hover: str
    success: str
    warning: str
    danger: str
    border: str
    line: str
    selection: str
    disabled: str
    ok_fg: str
    ok_bg: str
    warn_fg: str
    warn_bg: str
    bad_fg: str
    bad_bg: str
    info_fg: str
    info_bg: str
    chart: tuple[str, ...]
    ramp: tuple[str, ...]


LIGHT = Tokens(
    name="light", window="#F6F7F9", surface="#FFFFFF", alt="#F0F2F5", text="#1A2330", muted="#55606E",
    primary="#0B5CAD", on_primary="#FFFFFF", primary_hover="#094C90", success="#1B6E3C", warning="#8A5A00",
    danger="#B3261E", border="#768190", line="#DCE1E7", selection="#D6E6F7", disabled="#8B95A2",
    ok_fg="#1B6E3C", ok_bg="#E3F4EA", warn_fg="#7A4F00", warn_bg="#FFF1D6", bad_fg="#9C1F18", bad_bg="#FCE8E6",
    info_fg="#0A4F94", info_bg="#E3EFFB",
    chart=("#0B5CAD", "#D9660F", "#7D1624", "#938BD4", "#319E7C"),
    ramp=("#E8F1FB", "#B9D6F2", "#8ABAE8", "#5B9BD9", "#1F6FBF", "#0B4A8C"),
)  # fmt: skip
DARK = Tokens(
    name="dark", window="#15191F", surface="#1D232B", alt="#252C36", text="#E8ECF1", muted="#A9B3C0",
    primary="#6CB0F5", on_primary="#0E1217", primary_hover="#8FC3F8", success="#6FCF97", warning="#F2C14E",
    danger="#FF8A80", border="#6F7B8B", line="#323B47", selection="#1F3B57", disabled="#76818F",
    ok_fg="#7FDBA5", ok_bg="#163524", warn_fg="#F4C95D", warn_bg="#3A2E10", bad_fg="#FF9C93", bad_bg="#41191A",
    info_fg="#86BFF8", info_bg="#142F4A",
    chart=("#6CB0F5", "#F0A04B", "#348478", "#7752DF", "#B94E1D"),
    ramp=("#E8F1FB", "#B9D6F2", "#8ABAE8", "#5B9BD9", "#1F6FBF", "#0B4A8C"),
)  # fmt: skip

_state: dict[str, object] = {"tokens": LIGHT, "scale": 100}


def tokens() -> Tokens:
    """The colours in force."""
    found = _state["tokens"]
    return found if isinstance(found, Tokens) else LIGHT


def scale() -> int:
    """The user's scale in percent."""
    found = _state["scale"]
    return found if isinstance(found, int) else 100


def px(size: float) -> int:
    """`size` pixels at 100 % in pixels of the user's scale, at least 1."""
    return max(1, round(size * scale() / 100))


def colour(name: str) -> QColor:
    """A token as a colour, `colour("primary")`."""
    return QColor(str(getattr(tokens(), name)))


def font(size: float = 14, *, bold: bool = False, mono: bool = False) -> QFont:
    """A font of `size` px at 100 %, with fallbacks that hold Chinese."""
    made = QFont()
    made.setFamilies(list(MONO_FAMILIES + FAMILIES if mono else FAMILIES))
    made.setPixelSize(px(size))
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def resolve(app: QApplication, mode: str) -> Tokens:
    """The tokens `mode` means on this machine now; `system` follows the desktop, light when it does not say."""
    if mode == "system":
        return DARK if app.styleHints().colorScheme().name == "Dark" else LIGHT
    return DARK if mode == "dark" else LIGHT


def apply(app: QApplication, mode: str = "system", percent: int = 100) -> Tokens:
    """Puts palette, font and style sheet on the whole application and returns the tokens in force."""
    found, percent = resolve(app, mode), min(150, max(90, percent))
    if (found, percent) == (tokens(), scale()) and app.styleSheet():
        return found
    _state.update(tokens=found, scale=percent)
    if app.style().name().lower() != "fusion" and not app.styleSheet():
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette(found))
    app.setFont(font())
    app.setStyleSheet(style_sheet(found))
    return found


def palette(found: Tokens) -> QPalette:
    """An explicit palette: no role is left to be guessed from another."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    made = QPalette()
    pairs = {
        role.Window: found.window, role.WindowText: found.text, role.Base: found.surface,
        role.AlternateBase: found.alt, role.Text: found.text, role.Button: found.surface,
        role.ButtonText: found.text, role.BrightText: found.danger, role.Highlight: found.selection,
        role.HighlightedText: found.text, role.Link: found.primary, role.LinkVisited: found.primary,
        role.ToolTipBase: found.surface, role.ToolTipText: found.text, role.PlaceholderText: found.muted,
        role.Light: found.surface, role.Midlight: found.alt, role.Mid: found.line, role.Dark: found.border,
        role.Shadow: found.border, role.Accent: found.primary,
    }  # fmt: skip
    for key, value in pairs.items():
        made.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(group.Disabled, key, QColor(found.disabled))
    return made


def style_sheet(found: Tokens) -> str:
    """The style sheet of resources/styles/desk.qss for these colours at the present scale.

    `${name}` is a token, `${p14}` a length of 14 px at 100 %.
    """
    source = (RESOURCES / "styles" / "desk.qss").read_text(encoding="utf-8")
    lengths = {f"p{size}": f"{px(size)}px" for size in range(1, 65)}
    lengths |= {f"p{size}": f"{px(size)}px" for size in (72, 80, 96, 120, 160, 188, 240)}
    names = {key: value for key, value in asdict(found).items() if isinstance(value, str)}
    folder = (RESOURCES / "styles").as_posix()
    families = ", ".join(f'"{family}"' for family in FAMILIES)
    mono = ", ".join(f'"{family}"' for family in MONO_FAMILIES)
    return Template(source).substitute(names, **lengths, images=folder, families=families, mono=mono)


def contrast(one: str, two: str) -> float:
    """The WCAG contrast ratio of two #RRGGBB colours, 1 to 21."""
    first, second = sorted((_luminance(one), _luminance(two)))
    return (second + 0.05) / (first + 0.05)


def _luminance(value: str) -> float:
    channels = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
