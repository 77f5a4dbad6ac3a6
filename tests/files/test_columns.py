"""Headers as vendors document them and as people write them are understood by themselves."""

# ruff: noqa: E501
from __future__ import annotations

import pytest

from welfare_desk.files.columns import find_header, map_columns, recognise

# source, header row, what must come out of it (required columns: name, number, phone, e-mail, department).
# Rows marked [made up] are invented; the others follow the field names vendors document for their imports and exports.
HEADERS: list[tuple[str, str, str]] = [
    ("WeCom import template", "姓名|帐号|职务|部门|性别|手机|座机|个人邮箱", "name wecom_userid position department gender mobile landline email_personal"),
    ("WeCom export", "姓名|企业微信账号|所在部门|职务|手机|企业邮箱|激活状态|禁用状态", "name wecom_userid department position mobile email status status_inverse"),
    ("DingTalk roster", "员工UserID|姓名|手机号|部门|职位|工号|邮箱|入职时间", "dingtalk_userid name mobile department position employee_no email hire_date"),
    ("DingTalk template", "姓名(必填)|手机号(必填)|部门|主管|职位|工号|是否此部门主管|邮箱", "name mobile department manager_name position employee_no - email"),
    ("Feishu template", "姓名（必填）|手机号码|邮箱|部门（必填）|直属上级|工号|工作城市|入职日期|人员类型", "name mobile email department manager_name employee_no site hire_date employment_type"),
    ("Feishu export", "用户ID|姓名|英文名|别名|邮箱|手机|部门全路径|职务|状态", "system_user_id name name_en alias email mobile department position status"),
    ("北森 roster", "员工编号|姓名|任职部门|组织全称|职务|直线经理|手机号码|电子邮箱|入职日期|员工状态", "employee_no name - department position manager_name mobile email hire_date status"),
    ("北森 levels", "工号|姓名|一级部门|二级部门|三级部门|岗位|移动电话|公司邮箱|人员状态", "employee_no name department_l1 department_l2 department_l3 position mobile email status"),
    ("SuccessFactors technical", "STATUS|USERID|USERNAME|FIRSTNAME|LASTNAME|EMAIL|MANAGER|DEPARTMENT|HIREDATE", "status system_user_id login_name first_name last_name email manager_name department hire_date"),
    ("SuccessFactors labels", "Status|User ID|Username|First Name|Last Name|Email|Manager|Department|Hire Date", "status system_user_id login_name first_name last_name email manager_name department hire_date"),
    ("Workday", "Employee ID|Worker|Email - Primary Work|Supervisory Organization|Business Title|Hire Date|Worker Status", "employee_no name email department position hire_date status"),
    ("Workday legal name", "Worker ID|Legal Name - First Name|Legal Name - Last Name|Primary Work Email|Cost Center|Location|Active Status", "employee_no first_name last_name email cost_center site status"),
    ("BambooHR", "Employee #|First Name|Last Name|Work Email|Mobile Phone|Department|Division|Hire Date|Status", "employee_no first_name last_name email mobile department department_l2 hire_date status"),
    ("BambooHR display name", "EEID|Display Name|Job Title|Work Email|Mobile Phone|Location|Department", "system_user_id name position email mobile site department"),
    ("SCIM", "externalId|displayName|userName|emails|phoneNumbers|employeeNumber|department", "system_user_id name login_name email mobile employee_no department"),
    ("Active Directory", "sAMAccountName|displayName|mail|mobile|department|employeeNumber", "login_name name email mobile department employee_no"),
    ("SAP", "Pers.No.|Last Name|First Name|Org Unit|Cost Center|Email Address", "employee_no last_name first_name department cost_center email"),
    ("PeopleSoft style", "EMPLID|Name|Dept|Mobile|E-mail", "- name department mobile email"),
    ("[made up] plain", "工号|姓名|部门|手机|邮箱", "employee_no name department mobile email"),
    ("[made up] stars", "*工号|*姓名|所属部门|*手机号|电子邮箱", "employee_no name department mobile email"),
    ("[made up] blanks in words", "工 号|姓　名|部 门|手 机|邮 箱", "employee_no name department mobile email"),
    ("[made up] serial", "序号|工号|姓名|部门|联系电话|备注", "_ignore.serial employee_no name department mobile remark"),
    ("[made up] hospital", "职工号|职工姓名|科室|联系方式|入职时间", "employee_no name department mobile hire_date"),
    ("[made up] factory", "工牌号|姓名|班组|手机号码|入厂日期|是否在职", "employee_no name department_l3 mobile hire_date status"),
    ("[made up] school", "人员编号|真实姓名|所在部门|移动电话|工作邮箱", "employee_no name department mobile email"),
    ("[made up] bank", "员工号|员工姓名|机构名称|手机号|企业邮箱|身份证号|银行卡号", "employee_no name department mobile email _sensitive.id_number _sensitive.bank"),
    ("[made up] split names", "工号|姓|名|部门|邮箱", "employee_no last_name first_name department email"),
    ("[made up] leaving", "工号|姓名|部门|离职日期|是否离职", "employee_no name department leave_date status_inverse"),
    ("[made up] emergency", "工号|姓名|手机|紧急联系人|紧急联系人电话", "employee_no name mobile - -"),
    ("[made up] manager's own columns", "工号|姓名|部门|部门负责人|上级工号|上级邮箱|邮箱", "employee_no name department - manager_no - email"),
    ("[made up] long labels", "员工工号（必填）|员工姓名（必填）|所属部门(全路径)|手机号码（选填）|邮箱地址（选填）", "employee_no name department mobile email"),
    ("[made up] date format inside", "工号|姓名|入职日期(yyyy-mm-dd)|手机号码1|公司邮箱地址", "employee_no name hire_date mobile email"),
    ("[made up] English list", "Emp ID|Full Name|Dept.|Contact Number|Email Address|Date of Joining", "employee_no name department mobile email hire_date"),
    ("[made up] English short", "Staff No.|Staff Name|Team|Cell|Mail", "employee_no name department mobile email"),
    ("[made up] English underscores", "employee_id|full_name|department_name|mobile_phone|work_email|start_date", "employee_no name department mobile email hire_date"),
    ("[made up] camel case", "employeeNumber|fullName|departmentName|mobilePhone|workEmail|hireDate", "employee_no name department mobile email hire_date"),
    ("[made up] required marks", "Employee No. (required)|Name (required)|Department (optional)|Phone Number|E-Mail", "employee_no name department mobile email"),
    ("[made up] account status", "Badge Number|Employee Name|Business Unit|Primary Phone|Business Email|Account Status", "employee_no name department_l1 mobile email status"),
    ("[made up] both languages", "工号 Employee ID|姓名 Name|部门 Department|手机 Mobile|邮箱 Email", "employee_no name department mobile email"),
    ("[made up] traditional layout", "編號|姓名|部門|手機|電郵", "- name - - -"),
    ("[made up] gift list", "工号|姓名|部门|手机号|礼品|数量|福利等级", "employee_no name department mobile product_ref quota_quantity tag"),
    ("[made up] top-up list", "工号|姓名|充值手机号|手机号", "employee_no name topup_account mobile"),
]  # fmt: skip
REQUIRED = {"employee_no", "name", "last_name", "first_name", "mobile", "email", "department"}


@pytest.mark.parametrize(("source", "header", "expected"), HEADERS, ids=[source for source, _h, _e in HEADERS])
def test_no_required_column_is_taken_for_another(source: str, header: str, expected: str) -> None:
    columns = header.split("|")
    mapping = map_columns(columns, [])
    for index, field in enumerate(expected.split()):
        found = mapping[index].field if index in mapping else "-"
        if found in REQUIRED:
            assert found == field, columns[index]


def test_95_percent_of_required_columns_map_by_themselves() -> None:
    assert len(HEADERS) >= 40
    wanted = found = 0
    missed = []
    for source, header, expected in HEADERS:
        mapping = map_columns(header.split("|"), [])
        for index, field in enumerate(expected.split()):
            if field in REQUIRED:
                wanted += 1
                hit = index in mapping and mapping[index].field == field
                found += hit
                if not hit:
                    missed.append((source, header.split("|")[index], mapping.get(index)))
    assert found >= 0.95 * wanted, missed


def test_headers_of_other_people_are_left_alone() -> None:
    for header in ("紧急联系人电话", "配偶姓名", "部门负责人", "Emergency Contact Phone", "上级邮箱", "Manager Email"):
        match = recognise(header)
        assert match is None or match.field not in REQUIRED, header


def test_the_header_row_is_found_among_titles() -> None:
    rows = [
        ["员工花名册"],
        ["制表：人力资源部", "", "2026-11"],
        ["序号", "工号", "姓名", "部门"],
        ["1", "001", "张三", "总部"],
    ]
    assert find_header(rows)[0] == 2
    assert find_header([["甲", "乙"], ["丙", "丁"]]) == (0, 0)


def test_a_field_is_taken_by_one_column_only() -> None:
    mapping = map_columns(["手机", "联系电话", "姓名", "名称"], [])
    assert {index: match.field for index, match in mapping.items()} == {0: "mobile", 2: "name"}
