"""What the simulated site sells. Prices are yuan per piece, as the site writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CARD, TOP_UP, PHYSICAL = 1, 2, 3
ON_SALE, PAUSED, BANNED = 1, 2, 3
STOCK = 1_000_000
LARGEST_ORDER = 100_000

PHONE_RULE = r"1[3-9]\d{9}"
QQ_RULE = r"[1-9]\d{4,10}"
CARD_NUMBER_RULE = r"\d{16,19}"


@dataclass(frozen=True, slots=True)
class Good:
    """One line of the catalogue. `rule` is what an account must look like; `cards` how codes are written."""

    id: int
    name: str
    type: int
    face_value: str
    price: str
    status: int = ON_SALE
    form: tuple[dict[str, Any], ...] = ()
    rule: str = ""
    cards: str = "objects"
    smallest: int = 1
    largest: int = LARGEST_ORDER
    extra: dict[str, Any] = field(default_factory=dict)


def account_form(name: str, tip: str) -> tuple[dict[str, Any], ...]:
    """The order form of a top-up with one field."""
    return ({"key": "recharge_account", "type": "text", "name": name, "tip": tip, "options": []},)


_PHONE = account_form("手机号", "请输入11位手机号")
_QQ = account_form("QQ号", "请输入QQ号")
_FUEL = account_form("加油卡号", "请输入19位加油卡号")

FAULTLESS: tuple[Good, ...] = (
    Good(10001, "爱奇艺黄金会员月卡", CARD, "30.00", "21.50"),
    Good(10002, "腾讯视频VIP会员月卡", CARD, "30.00", "22.80"),
    Good(10003, "优酷VIP会员季卡", CARD, "68.00", "48.60"),
    Good(10004, "芒果TV会员月卡", CARD, "25.00", "16.90"),
    Good(10005, "哔哩哔哩大会员月卡", CARD, "25.00", "18.80"),
    Good(10006, "QQ音乐豪华绿钻季卡", CARD, "45.00", "35.20"),
    Good(10007, "瑞幸咖啡29元饮品券", CARD, "29.00", "15.90"),
    Good(10008, "喜茶30元代金券", CARD, "30.00", "27.50"),
    Good(10009, "盒马鲜生50元礼品卡", CARD, "50.00", "49.25"),
    Good(10010, "京东E卡50元", CARD, "50.00", "49.80"),
    Good(20001, "手机话费50元", TOP_UP, "50.00", "49.60", form=_PHONE, rule=PHONE_RULE),
    Good(20002, "手机话费100元", TOP_UP, "100.00", "99.10", form=_PHONE, rule=PHONE_RULE),
    Good(20003, "腾讯QQ会员月卡（直充）", TOP_UP, "10.00", "8.60", form=_QQ, rule=QQ_RULE),
    Good(20004, "爱奇艺黄金会员月卡（直充）", TOP_UP, "30.00", "21.20", form=_PHONE, rule=PHONE_RULE),
    Good(20005, "网易云音乐黑胶VIP月卡（直充）", TOP_UP, "18.00", "12.40", form=_PHONE, rule=PHONE_RULE),
    Good(20006, "中石化加油卡100元", TOP_UP, "100.00", "98.70", form=_FUEL, rule=CARD_NUMBER_RULE),
)

AWKWARD: tuple[Good, ...] = (
    Good(30001, "暂停销售的视频会员月卡", CARD, "30.00", "20.00", status=PAUSED),
    Good(30002, "禁止销售的音乐会员月卡", CARD, "15.00", "9.00", status=BANNED),
    Good(30003, "<b>特价</b> 影院通兑券 <script>alert(1)</script>", CARD, "60.00", "39.9000"),
    Good(30004, "  名称\t带\u200b空白\n与'引号'\"和/斜杠\\  ", CARD, "10.00", "7.3333"),
    Good(30005, "纯数字卡密商品", CARD, "20.00", "18.00", cards="numeric"),
    Good(30006, "纯文本卡密商品", CARD, "20.00", "18.00", cards="strings"),
    Good(30007, "起购10件的面包券", CARD, "20.00", "17.00", smallest=10, largest=500),
    Good(30008, "中秋月饼礼盒（实物）", PHYSICAL, "268.00", "188.00"),
    Good(
        30009,
        "需要区服与角色的游戏点券",
        TOP_UP,
        "100.00",
        "96.00",
        form=(
            *account_form("游戏账号", "请输入游戏账号"),
            {"key": "lblName1", "type": "select", "name": "区服", "tip": "请选择区服", "options": ["一区", "二区"]},
        ),
    ),
    Good(
        30010,
        "字段被遮挡的会员",
        CARD,
        "30.00",
        "25.00",
        extra={"face_value": "***", "stock_num": "充足", "can_price": None},
    ),
)


def list_row(good: Good, stock: int) -> dict[str, Any]:
    """The good as goods/list shows it."""
    return {
        "id": good.id,
        "goods_name": good.name,
        "goods_img": "",
        "goods_type": good.type,
        "face_value": good.face_value,
        "goods_price": good.price,
        "status": good.status,
        "stock_num": stock,
        "can_buy": "",
        "can_no_buy": "",
        "can_price": "0.00",
        "need_balance": "0.00",
        **good.extra,
    }


def detail_row(good: Good, stock: int) -> dict[str, Any]:
    """The good as goods/info shows it: with order size and order form."""
    return {
        **list_row(good, stock),
        "goods_info": "<p>演示商品</p>",
        "goods_notice": "",
        "start_count": good.smallest,
        "end_count": good.largest,
        "attach": list(good.form),
    }
