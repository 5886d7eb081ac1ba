"""Changes in the ERP: proposed in words with what was there before, and made when the person has approved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from repartee.assistants.office import erp_domain, erp_text
from repartee.conversation.message import Message
from repartee.conversation.proposal import VALID_FOR, Proposal
from repartee.errors import BackendError, Malformed, Refused
from repartee.ports import Erp, ErpField, ErpQuery, Proposals

ACT = "erp"

LONGEST_TEXT = 4000
MOST_CHANGES = 20

PROPOSED = (
    "Proposed, and NOT done: the person is shown this proposal with Approve and Decline below your answer, "
    "valid for ten minutes. Say in a sentence what you propose, and that they have to approve it."
)

Value = str | int | float | bool | None


class Set(msgspec.Struct, frozen=True):
    """A field's new value: a record by its id, a date as 2026-11-22, null for none."""

    field: str
    value: Value


class Create(msgspec.Struct, frozen=True):
    """A new record."""

    model: str
    values: tuple[Set, ...]


class Update(msgspec.Struct, frozen=True):
    """Other values of a record."""

    model: str
    id: int
    values: tuple[Set, ...]


class Post(msgspec.Struct, frozen=True):
    """A note on a record, which is seen inside the company."""

    model: str
    id: int
    text: str


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be done when it is approved. `before` is what was there when it was proposed, `name` what
    the record is called."""

    act: Literal["create", "update", "message"]
    model: str
    name: str
    id: int = 0
    values: dict[str, Any] = {}
    before: dict[str, Any] = {}
    text: str = ""


class Overtaken(Refused):
    """Somebody has changed the record since the change was proposed."""


class Changes:
    """Proposes changes, and makes those that were approved: `proposal.Act`."""

    def __init__(self, erp: Erp, proposals: Proposals, clock: Callable[[], float]) -> None:
        self._erp, self._proposals, self._clock = erp, proposals, clock

    def propose(
        self, asked: Message, turn: str, show: Callable[[Proposal], None], change: Create | Update | Post
    ) -> str:
        """Keeps a proposal of the change and lets it be shown. The same one in the same turn is one."""
        order, summary = self._order(asked.sender, change)
        written = msgspec.json.encode(order)
        proposal = Proposal(
            subject=hashlib.sha256(turn.encode() + written).hexdigest()[:24],
            chat=asked.chat,
            person=asked.sender,
            summary=summary,
            act=ACT,
            order=written.decode(),
            until=self._clock() + VALID_FOR,
        )
        self._proposals.keep(proposal)
        show(proposal)
        return f"{PROPOSED}\n\n{summary}"

    def carry_out(self, proposal: Proposal) -> str:
        order = msgspec.json.decode(proposal.order, type=Order)
        if order.act == "create":
            id = self._erp.create(proposal.person, order.model, order.values)
            return f"Done: {self._link(order, id)} was created."
        if order.act == "message":
            self._erp.post(proposal.person, order.model, order.id, order.text)
            return f"Done: the note is on {self._link(order)}."
        self._still(proposal.person, order)
        self._erp.update(proposal.person, order.model, order.id, order.values)
        return f"Done: {self._link(order)} was changed."

    def whereabouts(self, proposal: Proposal) -> str:
        order = msgspec.json.decode(proposal.order, type=Order)
        try:
            return (
                self._link(order) if order.id else f"whether there is a new “{erp_text.quoted(order.name)}”."
            )
        except BackendError:
            return f"{erp_text.quoted(order.name)} in Odoo."

    def _order(self, person: str, change: Create | Update | Post) -> tuple[Order, str]:
        """The change as it will be made, and in words."""
        fields = {field.name: field for field in self._erp.fields(person, change.model)}
        label = next((m.label for m in self._erp.models(person) if m.name == change.model), change.model)
        if isinstance(change, Create):
            return self._creation(person, change, fields, label)
        if isinstance(change, Update):
            return self._update(person, change, fields, label)
        return self._message(person, change)

    def _creation(
        self, person: str, change: Create, fields: Mapping[str, ErpField], label: str
    ) -> tuple[Order, str]:
        values = _values(change.values, fields)
        lines = [
            f"- {_label(fields[name])}: {self._told(person, fields[name], values[name])}" for name in values
        ]
        name = str(values.get("name") or f"{label}")
        order = Order(act="create", model=change.model, name=name, values=values)
        return order, "\n".join((f"**Create** in Odoo ({erp_text.quoted(label)}):", *lines))

    def _update(
        self, person: str, change: Update, fields: Mapping[str, ErpField], label: str
    ) -> tuple[Order, str]:
        wanted = _values(change.values, fields)
        row = self._row(person, change.model, change.id, tuple(wanted))
        before = {name: _raw(row[name]) for name in wanted}
        values = {name: value for name, value in wanted.items() if value != before[name]}
        if not values:
            raise Malformed("the record has these values already: there is nothing to change")
        lines = [
            f"- {_label(fields[name])}: {erp_text.quoted(erp_text.shown(row[name], fields[name]))} → "
            f"{self._told(person, fields[name], value)}"
            for name, value in values.items()
        ]
        order = Order(
            act="update",
            model=change.model,
            name=str(row["display_name"]),
            id=change.id,
            values=values,
            before={name: before[name] for name in values},
        )
        return order, "\n".join((f"**Change** {self._link(order)} ({erp_text.quoted(label)}):", *lines))

    def _message(self, person: str, change: Post) -> tuple[Order, str]:
        text = change.text.strip()
        if not text or len(text) > LONGEST_TEXT:
            raise Malformed(f"a note has 1 to {LONGEST_TEXT} characters")
        row = self._row(person, change.model, change.id, ())
        name = str(row["display_name"])
        order = Order(act="message", model=change.model, name=name, id=change.id, text=text)
        lines = [f"> {erp_text.escaped(line)}" for line in text.splitlines()]
        return order, "\n".join((f"**Write a note** on {self._link(order)}:", "", *lines))

    def _still(self, person: str, order: Order) -> None:
        """Raises `Overtaken` unless the record is as it was when the change was proposed."""
        row = self._row(person, order.model, order.id, tuple(order.before))
        other = [name for name, value in order.before.items() if _raw(row[name]) != value]
        if other:
            raise Overtaken(f"the record has been changed meanwhile ({', '.join(other)}). Ask me again.")

    def _row(self, person: str, model: str, id: int, names: Sequence[str]) -> Mapping[str, Any]:
        query = ErpQuery(model=model, domain=[["id", "=", id]], fields=("display_name", *names), limit=1)
        rows = self._erp.search(person, query)
        if not rows:
            raise Malformed(f"there is no record {id} of {model} that this person may see")
        return rows[0]

    def _told(self, person: str, field: ErpField, value: Any) -> str:
        """A new value in words. A record that it leads to must be there."""
        if field.type == "many2one" and value:
            return erp_text.quoted(self._row(person, field.relation, value, ())["display_name"])
        return erp_text.quoted(erp_text.shown(value, field))

    def _link(self, order: Order, id: int = 0) -> str:
        return erp_text.link(order.name, self._erp.link(order.model, id or order.id))


def _values(given: Sequence[Set], fields: Mapping[str, ErpField]) -> dict[str, Any]:
    """The new values as the ERP takes them. Raises `Malformed`, which says what would be right."""
    if not 1 <= len(given) <= MOST_CHANGES:
        raise Malformed(f"give 1 to {MOST_CHANGES} values")
    return {one.field: _value(erp_domain.known(one.field, fields), one.value) for one in given}


def _value(field: ErpField, value: Value) -> Any:
    if field.readonly:
        raise Malformed(f"{field.name} cannot be written")
    if field.type in ("one2many", "many2many"):
        raise Malformed(f"{field.name} leads to several records: that cannot be proposed here")
    if field.type == "boolean":
        return bool(value)
    if value is None or value == "":
        return _empty(field)
    convert: Callable[[ErpField, Any], Any] = _CONVERTERS.get(field.type, _text)
    return convert(field, value)


def _empty(field: ErpField) -> bool:
    if field.required:
        raise Malformed(f"{field.name} must have a value")
    return False


def _number(field: ErpField, value: Any) -> int | float:
    try:
        return int(value) if field.type == "integer" else float(value)
    except ValueError:
        raise Malformed(f"{field.name} is a number") from None


def _record(field: ErpField, value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal():
        raise Malformed(f"{field.name} is the id of a record of {field.relation}: search for it first")
    return int(value)


def _option(field: ErpField, value: Any) -> str:
    for option, label in field.options:
        if str(value).lower() in (option.lower(), label.lower()):
            return option
    known = ", ".join(option for option, _ in field.options)
    raise Malformed(f"{field.name} is one of {known}")


def _text(field: ErpField, value: Any) -> str:
    return str(value)[:LONGEST_TEXT]


_CONVERTERS: Mapping[str, Callable[[ErpField, Any], Any]] = {
    "integer": _number,
    "float": _number,
    "monetary": _number,
    "many2one": _record,
    "selection": _option,
}


def _raw(value: Any) -> Any:
    """A value as it is written: of a record its id."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 2 else value


def _label(field: ErpField) -> str:
    return erp_text.quoted(field.label)
