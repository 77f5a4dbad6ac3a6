"""What can be wrong with a row of a list, and the way out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Problem to its way out; the texts are `error.<code>` and `error.<way out>`.
WAYS_OUT = {
    "row_no_name": "fix_fill_in",
    "row_no_employee_no": "fix_fill_in",
    "row_no_mobile": "fix_fill_in",
    "row_no_email": "fix_fill_in",
    "row_digits": "fix_as_text",
    "row_number_form": "fix_as_text",
    "row_number_date": "fix_as_text",
    "row_scientific": "fix_as_text",
    "row_formula": "fix_formula",
    "row_long": "fix_shorten",
    "row_phone": "fix_phone",
    "row_email": "fix_email",
    "row_date": "fix_date",
    "row_date_order": "fix_date",
    "row_date_range": "fix_year",
    "row_birthday": "fix_birthday",
    "row_status": "fix_status",
    "row_duplicate": "fix_duplicate",
    "row_phone_shared": "fix_nothing",
    "row_email_shared": "fix_nothing",
    "row_several": "fix_number",
    "row_still_left": "fix_back",
    "row_renamed": "fix_other_person",
}
MISSING = {"employee_no": "row_no_employee_no", "mobile": "row_no_mobile", "email": "row_no_email"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `level` is error (the row stays out) or warning. `column` is the header, `value` the cell's text.

    The text is `error.<code>` with `params`, the way out `error.<WAYS_OUT[code]>`.
    """

    row: int
    column: str | None
    code: str
    value: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    level: str = "error"
