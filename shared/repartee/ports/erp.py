"""The company's ERP as one person sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec


class ErpAccount(msgspec.Struct, frozen=True):
    """A person's account in the ERP: their login, and a key that stands for their password. Never logged."""

    login: str
    key: str

    def __repr__(self) -> str:
        return f"Account({self.login!r})"


class ErpAccountStore(Protocol):
    """Whose accounts are whose: kept apart from profiles, because those are read by the model."""

    def find(self, person: str) -> ErpAccount | None:
        """Returns the person's account. None if nobody has linked one."""

    def link(self, person: str, account: ErpAccount) -> None:
        """Keeps it in place of any before."""

    def unlink(self, person: str) -> None:
        """Forgets it. Repeating it is no error."""


class ErpModel(msgspec.Struct, frozen=True):
    """A kind of records (`crm.lead`), and what people call it."""

    name: str
    label: str


class ErpField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a model's records. `relation` is the model that it leads to, `options` are the values that
    it can have with what people call them. What is not `stored` can be read, and neither searched nor summed.
    """

    name: str
    label: str
    type: str
    relation: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    readonly: bool = False
    stored: bool = True


class ErpQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which records, and what of them. The domain is Odoo's: conditions in prefix notation."""

    model: str
    domain: Sequence[Any] = ()
    fields: Sequence[str] = ("display_name",)
    order: str = ""
    limit: int = 20


class ErpGrouping(msgspec.Struct, frozen=True, kw_only=True):
    """Records counted and summed by the values of fields (`stage_id`, `date_order:month`). What is computed
    is given as `field:sum` (or avg, min, max, count_distinct)."""

    model: str
    domain: Sequence[Any] = ()
    group_by: Sequence[str] = ()
    aggregates: Sequence[str] = ()
    order: str = ""
    limit: int = 50


class Erp(Protocol):
    """The company's ERP, as one person may read and change it: every call is made with that person's account.

    A person without an account may read through a shared one, but never change anything. Raises
    `PermissionDenied` where the person may not, `NotFound` for what is not there, `InvalidArgument` for what
    makes no sense to the ERP: with its own `words`. What changes something raises `DeadlineExceeded` if
    nobody can tell whether it was done.
    """

    def reading_identity(self, person: str) -> Literal["self", "shared", "nobody"]:
        """With whose account the person reads."""

    def own_login(self, person: str) -> str:
        """Returns the login of the person's own account, empty where none is linked."""

    def list_models(self, person: str) -> Sequence[ErpModel]:
        """Returns the models that the person may read, by name. May be cached for some minutes."""

    def list_fields(self, person: str, model: str) -> Sequence[ErpField]:
        """Returns the fields of the model that the person sees, by name. May be cached like `list_models`."""

    def search_records(self, person: str, query: ErpQuery) -> Sequence[Mapping[str, Any]]:
        """Returns the records, each with its `id` and the fields asked for: a link to another as its id and
        name."""

    def count_records(self, person: str, model: str, domain: Sequence[Any]) -> int:
        """Returns how many records there are."""

    def group_records(self, person: str, grouping: ErpGrouping) -> Sequence[Mapping[str, Any]]:
        """Returns a row a group: what it is grouped by in words, what was computed, and `__count`."""

    def create_record(self, person: str, model: str, values: Mapping[str, Any]) -> int:
        """Makes a record, and gives its id."""

    def update_record(self, person: str, model: str, id: int, values: Mapping[str, Any]) -> None:
        """Changes a record."""

    def post_note(self, person: str, model: str, id: int, text: str) -> None:
        """Writes a note on a record, which is seen inside the company. The text is plain."""

    def record_url(self, model: str, id: int) -> str:
        """Where people see the record."""
