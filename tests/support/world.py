"""A small world to test in: an opened service context, products with sealed stock, people, campaigns with grants."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.engine import open_engine
from welfare_desk.db.ids import new_id, new_ids
from welfare_desk.db.models.campaigns import Campaign, Grant, Reservation
from welfare_desk.db.models.claims import LedgerEntry
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.purchasing import NEVER_EXPIRES, Batch, Code
from welfare_desk.db.models.shelf import BundlePart, Product, Supplier
from welfare_desk.domain.figures import local_day
from welfare_desk.domain.people import number_key
from welfare_desk.security import keystore
from welfare_desk.security.references import grant_reference, new_reference
from welfare_desk.services import rollups

NOON = 1_795_000_000_000
HOUR = 3_600_000


@dataclass
class MovedClock:
    """A clock that stands until a test moves it."""

    moment: int = NOON
    real: bool = False

    def now(self) -> int:
        return self.moment


@dataclass
class World:
    """Makes rows straight in the database, consistent with ledger and rollups."""

    ctx: AppContext
    clock: MovedClock
    codes: dict[str, int] = field(default_factory=dict)
    number: int = 0

    def product(self, kind: str = "card_secret", *, price: int = 1000, account: str | None = None) -> int:
        """A product on the shelf; returns its id."""
        return self.ctx.write(self._product, kind, price, account)

    def _product(self, ctx: AppContext, session: Session, kind: str, price: int, account: str | None) -> int:
        supplier = Supplier(id=new_id(), name=f"s-{secrets.token_hex(4)}", kind="kasushou", public_config={},
                            sealed_config=b"", currency="CNY", created_at=0)  # fmt: skip
        session.add(supplier)
        session.flush()
        row = Product(id=new_id(), key=f"p-{secrets.token_hex(4)}", name="视频会员月卡", kind=kind, offer_id=None,
                      supplier_id=supplier.id, price_minor=price, currency="CNY", account_kind=account, how_to="",
                      on_shelf=True, created_at=0, changed_at=0)  # fmt: skip
        session.add(row)
        return row.id

    def bundle(self, parts: Sequence[tuple[int, int]]) -> int:
        """A bundle of (product id, quantity); returns its id."""

        def make(ctx: AppContext, session: Session) -> int:
            row = Product(id=new_id(), key=f"b-{secrets.token_hex(4)}", name="礼包", kind="bundle", offer_id=None,
                          supplier_id=None, price_minor=0, currency="CNY", account_kind=None, how_to="",
                          on_shelf=True, created_at=0, changed_at=0)  # fmt: skip
            session.add(row)
            session.flush()
            for position, (product_id, quantity) in enumerate(parts):
                session.add(BundlePart(bundle_id=row.id, position=position, product_id=product_id, quantity=quantity))
            return row.id

        return self.ctx.write(make)

    def stock(self, product_id: int, count: int, *, cost: int = 900, expires_at: int | None = None) -> int:
        """A batch of sealed codes with its ledger entry; returns the batch id."""

        def make(ctx: AppContext, session: Session) -> int:
            assert ctx.keys is not None
            batch = Batch(id=new_id(), product_id=product_id, order_id=None, label="", received=count, currency="CNY",
                          total_minor=cost * count, expires_at=expires_at, at=self.clock.now())  # fmt: skip
            session.add(batch)
            session.flush()
            for code_id in new_ids(count):
                secret = f"SECRET-{secrets.token_hex(6)}~"  # no number and no word ends like it by chance
                sealed, blind = ctx.keys.seal_code(
                    "", secret, product_id=product_id, batch_id=batch.id, code_id=code_id
                )
                self.codes[secret] = code_id
                session.add(Code(id=code_id, product_id=product_id, batch_id=batch.id, sealed=sealed, blind=blind,
                                 shelf_order=expires_at or NEVER_EXPIRES, expires_at=expires_at, state="stock",
                                 cost_minor=cost))  # fmt: skip
            transaction = new_id()
            for line, (account, amount) in enumerate(
                ((f"stock:{product_id}", cost * count), (f"import:{batch.id}", -cost * count))
            ):
                session.add(LedgerEntry(transaction_id=transaction, line=line, at=self.clock.now(), account=account,
                                        subject=f"batch:{batch.id}", amount_minor=amount, currency="CNY"))  # fmt: skip
            return batch.id

        return self.ctx.write(make)

    def people(self, count: int, *, department: str = "总部/财务部") -> list[int]:
        """People with employee numbers 00001, 00002, …; returns their ids."""

        def make(ctx: AppContext, session: Session) -> list[int]:
            ids = list(new_ids(count))
            for person_id in ids:
                self.number += 1
                written = f"{self.number:05d}"
                session.add(Person(id=person_id, reference=new_reference(), key=f"n:{number_key(written)}",
                                   employee_no=written, number_key=number_key(written), name=f"员工{self.number}",
                                   pinyin="", department=department, email=f"p{self.number}@example.com",
                                   phone=f"+86138{self.number:08d}", hire_date=None, leave_date=None, status="active",
                                   extra={}, created_at=0, updated_at=0))  # fmt: skip
            return ids

        return self.ctx.write(make)

    def campaign(
        self, product_id: int, people: Sequence[int], *, reserved: dict[int, int] | None = None, quantity: int = 1,
        **changed: Any,
    ) -> tuple[int, list[int]]:  # fmt: skip
        """A campaign open for a day around now; returns (campaign id, grant ids)."""

        def make(ctx: AppContext, session: Session) -> tuple[int, list[int]]:
            now = self.clock.now()
            self.number += 1
            key_number = secrets.randbelow(1 << 22) + 1
            values: dict[str, Any] = {
                "id": new_id(), "key": new_reference(), "key_number": key_number, "name": "中秋福利",
                "product_id": product_id, "quantity": quantity, "audience": {"all": True}, "state": "open",
                "opens_at": now - HOUR, "closes_at": now + 24 * HOUR, "timezone": "Asia/Shanghai",
                "verify": "employee_no", "channels": [], "message": "", "cost_minor": 0, "currency": "CNY",
                "demo": False, "operator": "test", "created_at": now, "changed_at": now,
            }  # fmt: skip
            campaign = Campaign(**(values | changed))
            session.add(campaign)
            session.flush()
            ids = [key_number << 40 | secrets.randbits(40) for _person in people]
            for product, units in (reserved or {}).items():
                session.add(Reservation(campaign_id=campaign.id, product_id=product, units=units,
                                        needed=len(people) * quantity))  # fmt: skip
            for grant_id, person_id in zip(ids, people, strict=True):
                department = session.get(Person, person_id).department  # type: ignore[union-attr]
                session.add(Grant(id=grant_id, reference=grant_reference(grant_id), campaign_id=campaign.id,
                                  person_id=person_id, department=department, product_id=product_id, link_version=0,
                                  state="open", reached_at=None, reached_by=None, failures=0, failures_since=None,
                                  created_at=now))  # fmt: skip
                day = local_day(now, campaign.timezone)
                rollups.add(session, [("grants", campaign.id, product_id, department, day, 1)], 0)
            return campaign.id, ids

        return self.ctx.write(make)


def open_world(database_url: str, folder: Path) -> World:
    """A world on a database that has the schema and nothing else; keys are made in `folder`."""
    keys, _recovery = keystore.create(folder / "keys", "correct horse")
    clock = MovedClock()
    ctx = AppContext(engine=open_engine(database_url, pool_size=20), data=folder, clock=clock, keys=keys,
                     operator="test", writer=1, intake_key=keys.intake_public)  # fmt: skip
    return World(ctx, clock)


def at_desk(world: World) -> AppContext:
    """The same database as a desk sees it: without keys."""
    return dataclasses.replace(world.ctx, keys=None, writer=0)
