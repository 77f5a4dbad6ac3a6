"""QR codes as plain matrices; whoever draws adds the quiet zone of four modules."""

from __future__ import annotations

MASK = 3
LEVELS = ("L", "M", "Q", "H")
QUIET_MODULES = 4

Matrix = tuple[tuple[bool, ...], ...]


def matrix(text: str, *, level: str = "M") -> Matrix:
    """The dark (True) and light modules of `text`, row by row, without quiet zone.

    Upper-case links use the small alphanumeric mode. A fixed mask is several times faster than trying all eight.
    """
    import qrcode
    from qrcode import constants

    correction = {
        "L": constants.ERROR_CORRECT_L,
        "M": constants.ERROR_CORRECT_M,
        "Q": constants.ERROR_CORRECT_Q,
        "H": constants.ERROR_CORRECT_H,
    }[level]
    code = qrcode.QRCode(error_correction=correction, border=0, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
