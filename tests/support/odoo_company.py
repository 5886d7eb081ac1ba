"""Odoo's stand-in at the other end of the real client's wire, and people whose accounts are linked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx2

from repartee.ports import ErpAccount
from repartee.services.odoo import OdooClient, OdooErp
from standins.odoo.company import DATABASE, READER
from standins.odoo.server import OdooStandIn

ADA_ID, BEN_ID, CLEO_ID, INES_ID = "slack:T1:UADA", "slack:T1:UBEN", "slack:T1:UCLEO", "slack:T1:UINES"
"""Ada sells, Ben invoices, Inês does both in Portuguese, and nobody has linked Cleo's account."""

ODOO_URL = "https://odoo.example"


@dataclass
class MemoryAccounts:
    """`ports.Accounts` in memory."""

    linked: dict[str, ErpAccount] = field(default_factory=dict)

    def find(self, person: str) -> ErpAccount | None:
        return self.linked.get(person)

    def link(self, person: str, account: ErpAccount) -> None:
        self.linked[person] = account

    def unlink(self, person: str) -> None:
        self.linked.pop(person, None)


class OdooWire(httpx2.BaseTransport):
    """Carries calls to the stand-in. `trouble` is how the next calls fail: `down` is not carried out, `lost`
    is and its answer does not come, `late` likewise in time; a number is that HTTP status, without JSON."""

    def __init__(self, odoo: OdooStandIn) -> None:
        self._odoo = odoo
        self.trouble: list[str | int] = []
        self.requests: list[str] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(f"{request.method} {request.url.path}")
        trouble = self.trouble.pop(0) if self.trouble else ""
        if trouble == "down":
            raise httpx2.ConnectError("broken")
        if isinstance(trouble, int):
            return httpx2.Response(trouble, text="<html>no</html>")
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self._odoo.handle_request(request.method, request.url.path, headers, request.read())
        if trouble == "lost":
            raise httpx2.ReadError("broken")
        if trouble == "late":
            raise httpx2.ReadTimeout("late")
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=answer.content)


class CompanyOdoo:
    """A company's Odoo, and those who may ask it."""

    def __init__(self, version: int = 19, *, shared: bool = False, database: str = DATABASE) -> None:
        self.now = 1_789_000_000.0
        self.odoo = OdooStandIn(version)
        self.wire = OdooWire(self.odoo)
        self.accounts = MemoryAccounts()
        self.profiles: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.accounts.link(ADA_ID, ErpAccount("ada@butler.example", "key-of-ada"))
        self.accounts.link(BEN_ID, ErpAccount("ben@butler.example", "key-of-ben"))
        self.accounts.link(INES_ID, ErpAccount("ines@butler.example", "key-of-ines"))
        self.client = OdooClient(ODOO_URL, database, transport=self.wire)
        reader = ErpAccount(READER.login, READER.keys[0]) if shared else None
        self.erp = OdooErp(self.client, self.accounts, reader, lambda: self.now, self.profiles.__getitem__)

    def field_value(self, model: str, id: int, name: str) -> Any:
        """Returns the stored value of a field."""
        return self.odoo.records.raw_value(model, id, name)

    def called_methods(self) -> list[str]:
        """Which methods of which models were called, but for those that tell a person's language."""
        called = [call["call"] for call in self.odoo.calls]
        return [name for name in called if name not in ("res.users/context_get", "res.lang/get_installed")]
