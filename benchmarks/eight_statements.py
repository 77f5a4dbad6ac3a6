"""A claim as most shops write it: eight statements, one transaction, correct, on the product's schema and indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from welfare_desk.db.ids import new_id
from welfare_desk.domain.figures import local_day, quarter
from welfare_desk.domain.people import number_key

GRANT = text('SELECT g.id, g.campaign_id, g.product_id, g.department, g.state, g.link_version, p.number_key '
             'FROM "grant" g JOIN person p ON p.id = g.person_id WHERE g.id = :grant FOR UPDATE OF g')  # fmt: skip
CAMPAIGN = text("SELECT state, opens_at, closes_at, timezone, name FROM campaign WHERE id = :campaign")
CLAIM = text("SELECT at FROM claim WHERE grant_id = :grant")
TAKE = text("UPDATE code SET shelf_order = NULL, state = 'issued' WHERE id = (SELECT id FROM code WHERE product_id = "
            ":product AND shelf_order > :now ORDER BY shelf_order, id LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "RETURNING id, batch_id, product_id, sealed, cost_minor")  # fmt: skip
INSERT_CLAIM = text("INSERT INTO claim (grant_id, campaign_id, at, via, cost_minor) "
                    "VALUES (:grant, :campaign, :now, 'page', :cost)")  # fmt: skip
INSERT_UNIT = text("INSERT INTO fulfilment (grant_id, part, unit, campaign_id, product_id, code_id, state, "
                   "account_masked, cost_minor, changed_at) VALUES (:grant, 0, 0, :campaign, :product, :code, "
                   "'revealed', NULL, :cost, :now)")  # fmt: skip
INSERT_LEDGER = text("INSERT INTO ledger_entry (transaction_id, line, at, account, subject, amount_minor, currency) "
                     "VALUES (:transaction, 0, :now, :campaign_account, :subject, :cost, 'CNY'), "
                     "(:transaction, 1, :now, :stock_account, :subject, -:cost, 'CNY')")  # fmt: skip
COUNT = text("INSERT INTO rollup (figure, campaign_id, product_id, department, bucket, writer, value) VALUES "
             "('claimed', :campaign, :product, :department, :day, :writer, 1), "
             "('curve', :campaign, :product, '', :quarter, :writer, 1), "
             "('reached', :campaign, :product, :department, :day, :writer, 1) "
             "ON CONFLICT (figure, campaign_id, product_id, department, bucket, writer) "
             "DO UPDATE SET value = rollup.value + 1")  # fmt: skip


def claim(engine: Engine, grant_id: int, identity: str, now: int, writer: int) -> Row[Any] | None:
    """Claims one grant; the code taken, or None."""
    with engine.begin() as connection:
        return _claim(connection, grant_id, identity, now, writer)


def _claim(connection: Connection, grant_id: int, identity: str, now: int, writer: int) -> Row[Any] | None:
    grant = connection.execute(GRANT, {"grant": grant_id}).one()
    campaign = connection.execute(CAMPAIGN, {"campaign": grant.campaign_id}).one()
    claimed = connection.execute(CLAIM, {"grant": grant_id}).first()
    if (
        claimed
        or grant.state != "open"
        or campaign.state != "open"
        or not campaign.opens_at <= now < campaign.closes_at
    ):
        return None
    if number_key(identity) != grant.number_key:
        return None
    code = connection.execute(TAKE, {"product": grant.product_id, "now": now}).first()
    if code is None:
        return None
    known = {"grant": grant_id, "campaign": grant.campaign_id, "product": grant.product_id, "now": now,
             "cost": code.cost_minor, "code": code.id}  # fmt: skip
    connection.execute(INSERT_CLAIM, known)
    connection.execute(INSERT_UNIT, known)
    accounts = {"campaign_account": f"campaign:{grant.campaign_id}", "stock_account": f"stock:{grant.product_id}",
                "subject": f"grant:{grant_id}", "transaction": new_id()}  # fmt: skip
    connection.execute(INSERT_LEDGER, known | accounts)
    buckets = {"day": local_day(now, campaign.timezone), "quarter": quarter(now), "department": grant.department,
               "writer": writer}  # fmt: skip
    connection.execute(COUNT, known | buckets)
    return code
