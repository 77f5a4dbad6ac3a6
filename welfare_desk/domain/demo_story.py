"""The invented company of the demo data: its people, products and campaigns. Nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass

COMPANY = {"zh_CN": "晨光科技（演示）", "en": "Morninglight Ltd (demo)"}
CONTACT = {"zh_CN": "人力行政部 王敏，分机 8021", "en": "HR, Wang Min, ext. 8021"}
SUPPLIER = {"zh_CN": "演示供应商", "en": "Demo supplier"}

# department key → how likely its people claim
EAGER = {"hr": 0.96, "finance": 0.9, "platform": 0.92, "product": 0.85, "sales": 0.72, "plant": 0.5}
DEPARTMENTS = {
    "zh_CN": {"hr": "人力行政部", "finance": "财务部", "platform": "研发部/平台组", "product": "研发部/产品组",
              "sales": "销售部", "plant": "生产部"},
    "en": {"hr": "HR and office", "finance": "Finance", "platform": "Engineering/Platform",
           "product": "Engineering/Product", "sales": "Sales", "plant": "Plant"},
}  # fmt: skip
PEOPLE = {
    "hr": ("王敏", "陈静", "赵一鸣", "Emma Clarke", "周雨欣"),
    "finance": ("李建国", "孙丽", "吴昊", "郑晓彤", "冯雪", "Daniel Weber"),
    "platform": ("张伟", "刘洋", "徐子涵", "朱晨", "Ivan Petrov", "何嘉豪", "马骏"),
    "product": ("林珊", "郭明", "Sofia Rossi", "罗思源", "梁雨", "宋佳"),
    "sales": ("韩冰", "唐磊", "曹颖", "许诺", "邓超群", "James Miller", "彭飞", "曾敏", "萧然"),
    "plant": ("田大勇", "董强", "袁桂芳", "潘海", "蒋国庆", "蔡文斌", "余秀兰"),
}
WITHOUT_MAIL = ("田大勇", "袁桂芳", "余秀兰")
SITES = {"zh_CN": ("上海", "深圳", "苏州"), "en": ("Shanghai", "Shenzhen", "Suzhou")}  # the plant is in the last one
LEVELS = ("P4", "P5", "P6", "M1")
TAGS = {"zh_CN": ("远程办公", "内训师", "工会成员"), "en": ("remote", "trainer", "union member")}
SEGMENTS = {
    "zh_CN": (("本月生日", {"birthday_month": "this"}), ("工会成员", {"tags": ["工会成员"]})),
    "en": (("Birthday this month", {"birthday_month": "this"}), ("Union members", {"tags": ["union member"]})),
}


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """`units` are ordered into stock; a bundle has `parts` instead. Money in cents."""

    key: str
    kind: str
    price_minor: int
    units: int = 0
    parts: tuple[str, ...] = ()
    account_kind: str | None = None


PRODUCTS = (
    DemoProduct("video", "card_secret", 1500, 60),
    DemoProduct("coffee", "coupon", 2800, 44),
    DemoProduct("cinema", "coupon", 3500, 40),
    DemoProduct("shopping", "card_secret", 10_000, 45),
    DemoProduct("phone", "top_up", 2980, account_kind="phone"),
    DemoProduct("festival", "bundle", 12_980, parts=("shopping", "phone"), account_kind="phone"),
)
PRODUCT_NAMES = {
    "zh_CN": {"video": "视频会员月卡", "coffee": "咖啡兑换券", "cinema": "电影通兑券", "shopping": "超市购物卡 100 元",
              "phone": "话费直充 30 元", "festival": "中秋礼包"},
    "en": {"video": "Video membership, 1 month", "coffee": "Coffee voucher", "cinema": "Cinema ticket",
           "shopping": "Supermarket card ¥100", "phone": "Mobile top-up ¥30", "festival": "Festival box"},
}  # fmt: skip
HOW_TO = {
    "zh_CN": "演示权益：券码是编出来的，不能在任何地方使用。",
    "en": "Demo benefit: the code is invented and works nowhere.",
}


@dataclass(frozen=True, slots=True)
class DemoCampaign:
    """Opened `began` days ago for `days` days; `share` scales how likely people claim."""

    key: str
    product: str
    began: int
    days: int
    share: float


CAMPAIGNS = (
    DemoCampaign("summer", "cinema", 92, 14, 0.95),
    DemoCampaign("autumn", "festival", 48, 12, 1.08),
    DemoCampaign("online", "video", 21, 10, 0.9),
    DemoCampaign("winter", "coffee", 2, 6, 0.62),
)
CAMPAIGN_NAMES = {
    "zh_CN": {"summer": "夏日观影", "autumn": "中秋福利", "online": "双十一会员周", "winter": "冬日一杯咖啡"},
    "en": {"summer": "Summer cinema", "autumn": "Mid-Autumn benefit", "online": "Membership week",
           "winter": "A coffee for winter"},
}  # fmt: skip
