"""What a column of a people list can be, and what each is called on screens."""

from __future__ import annotations

LEVELS = tuple(f"department_l{level}" for level in range(1, 7))
EXTRA = ("work_location", "job_level", "tag", "wecom_userid", "dingtalk_userid", "feishu_userid")
NAMES = ("name", "last_name", "first_name")
STATES = ("status", "status_inverse")
DATES = ("hire_date", "leave_date")
KEYS = ("employee_no", "mobile", "email")
FIELDS = ("employee_no", *NAMES, "department", *LEVELS, "email", "mobile", *DATES, *STATES, *EXTRA)

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
    "work_location": "Work location",
    "job_level": "Job level",
    "tag": "Tags",
    "wecom_userid": "WeCom account",
    "dingtalk_userid": "DingTalk account",
    "feishu_userid": "Feishu account",
}
