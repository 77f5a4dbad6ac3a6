"""What a column of a people list can be, and what each is called on screens.

`SENSITIVE` columns are taken only when somebody ticks them; they are kept in a person's `extra` and shown masked.
"""

from __future__ import annotations

LEVELS = tuple(f"department_l{level}" for level in range(1, 7))
SENSITIVE = ("id_number", "bank", "salary", "sensitive_other")
CHATS = ("wecom_userid", "dingtalk_userid", "feishu_userid")
ACCOUNTS = (*CHATS, "id_number", "bank", "sensitive_other")
EXTRA = (*CHATS, *SENSITIVE)
NAMES = ("name", "last_name", "first_name")
STATES = ("status", "status_inverse")
DATES = ("hire_date", "leave_date")
KEYS = ("employee_no", "mobile", "email")
FIELDS = (
    "employee_no", *NAMES, "department", *LEVELS, "email", "mobile", *DATES, "birthday", *STATES, "site", "level",
    "tags", *EXTRA,
)  # fmt: skip

# Field to msgid.
LABELS = {
    "employee_no": "Employee number",
    "name": "Name",
    "last_name": "Family name",
    "first_name": "Given name",
    "department": "Department",
    "department_l1": "Department, level 1",
    "department_l2": "Department, level 2",
    "department_l3": "Department, level 3",
    "department_l4": "Department, level 4",
    "department_l5": "Department, level 5",
    "department_l6": "Department, level 6",
    "email": "E-mail",
    "mobile": "Phone",
    "phone": "Phone",
    "hire_date": "Hire date",
    "leave_date": "Leave date",
    "status": "Employment",
    "status_inverse": "Has left (yes or no)",
    "birthday": "Birthday",
    "site": "Work location",
    "level": "Job level",
    "tags": "Tags",
    "wecom_userid": "WeCom account",
    "dingtalk_userid": "DingTalk account",
    "feishu_userid": "Feishu account",
    "id_number": "Identity document number",
    "bank": "Bank account",
    "salary": "Salary",
    "sensitive_other": "Other sensitive data",
}
