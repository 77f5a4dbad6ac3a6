"""Lists of people with dirt as it comes, for the window's tests and pictures."""

from __future__ import annotations

from pathlib import Path

MESSY = """\
星河科技有限公司员工花名册,,,,,,,
截至 2026 年 11 月,,,,,,,
工号,姓名,部门,邮箱,手机号,入职日期,在职状态,身份证号
00101,王芳,总部/财务部,wangfang@example.com,13800138001,2021-03-01,在职,110101199001011234
00102,李 强,总部/财务部,liqiang@example.com,138 0013 8002,2021/3/5,在职,110101199001011235
103,张敏,总部/人力资源部,zhangmin@example.com,138-0013-8003,2021年3月8日,在职,
00104,刘洋,总部/人力资源部,liuyang＠example.com,１３８００１３８００４,2021.03.11,在职,
00105,　陈静　,总部/信息技术部,chenjing@example,13800138005,2021-03-15,在职,
00106,杨磊,总部/信息技术部,yanglei@example.com,1380013800,2021-02-30,在职,
00107,,华东/上海,zhao@example.com,13800138007,2021-03-19,在职,
00101,王芳,总部/财务部,wangfang@example.com,13800138001,2021-03-01,在职,
00109,黄丽,华东/上海,huangli@qqcom,1.38E+10,去年三月,在职,
00110,周杰,华东/杭州,zhoujie@example.com,13800138010,2021-03-27,也许,
,,,,,,,
00111,吴涛,华东/杭州,wutao@example.com,13800138011,31/03/2021,离职,
6.22202E+18,孙艳,华东/杭州,sunyan@example.com,13800138012,2021-04-01,在职,
合计,12,,,,,,
"""


def messy_list(path: Path) -> Path:
    """A csv with a title, notes, a sensitive column, and something wrong in most rows."""
    path.write_text(MESSY, encoding="gb18030")
    return path


def list_with_bad_mails(path: Path, rows: int, bad: tuple[int, ...]) -> Path:
    """`rows` people, of whom those with these numbers (from 1 on) have an address that is none."""
    lines = ["工号,姓名,部门,邮箱,手机号,入职日期"]
    for at in range(1, rows + 1):
        mail = f"p{at:05d}(at)example" if at in bad else f"p{at:05d}@example.com"
        lines.append(f"{at:05d},王{at:05d},总部/财务部,{mail},138{at:08d},2021-03-01")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
