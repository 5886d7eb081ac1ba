"""Changes in the ERP: proposed in words with what was there before, and made when the person has approved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from repartee.assistants.office import erp_text
from repartee.assistants.office.erp_characters import check_visible
from repartee.assistants.office.erp_values import TEXT_TYPES, FieldValue, convert_values
from repartee.domain.message import Message
from repartee.domain.proposal import PROPOSAL_VALID_SECONDS, Proposal
from repartee.errors import BackendError, InvalidPayload, RequestRejected
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.ports import Erp, ErpField, ErpQuery, ProposalStore

ERP_CHANGE_KIND = "erp"

MAX_SUMMARY_CHARS = 3000
"""Characters of a proposal, so that every channel shows it whole: Telegram takes 4,096 with all marks."""

MAX_CHANGE_BYTES = 100 * 1024
"""Bytes of a change as it is kept, with the values that were there before."""

PROPOSED_RESULT_TEXT = (
    "Proposed, and NOT done: the person is shown this proposal with Approve and Decline below your answer, "
    "valid for ten minutes. Say in a sentence what you propose, and that they have to approve it."
)


class CreateRecord(msgspec.Struct, frozen=True):
    """A new record."""

    model: str
    values: tuple[FieldValue, ...]


class UpdateRecord(msgspec.Struct, frozen=True):
    """Other values of a record."""

    model: str
    id: int
    values: tuple[FieldValue, ...]


class PostNote(msgspec.Struct, frozen=True):
    """A note on a record, which is seen inside the company."""

    model: str
    id: int
    text: str


class ErpChange(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"operation": "act", "record_name": "name", "record_id": "id", "previous_values": "before"},
):
    """A change to carry out when it is approved. `previous_values` are those that were there when it was
    proposed, `record_name` is what the record is called."""

    operation: Literal["create", "update", "message"]
    model: str
    record_name: str
    record_id: int = 0
    values: dict[str, Any] = {}
    previous_values: dict[str, Any] = {}
    text: str = ""


class StaleRecord(RequestRejected):
    """The record has changed since the change was proposed."""


class ErpWriter:
    """Proposes changes, and makes those that were approved: `proposal.Act`."""

    def __init__(self, erp: Erp, proposals: ProposalStore, clock: Callable[[], float]) -> None:
        self._erp, self._proposals, self._clock = erp, proposals, clock

    def propose_change(
        self,
        message: Message,
        turn_id: str,
        show_proposal: Callable[[Proposal], None],
        change: CreateRecord | UpdateRecord | PostNote,
    ) -> str:
        """Keeps a proposal of the change and lets it be shown. The same one in the same turn is one."""
        order, summary = self._plan_change(message, change)
        _check_shown_whole(summary)
        written = msgspec.json.encode(order)
        if len(written) > MAX_CHANGE_BYTES:
            raise InvalidPayload("the record's fields hold too much to be changed here: change them in Odoo")
        proposal = Proposal(
            id=hashlib.sha256(turn_id.encode() + written).hexdigest()[:24],
            chat=message.chat,
            approver=message.sender,
            summary=summary,
            action=ERP_CHANGE_KIND,
            payload=written.decode(),
            expires_at=self._clock() + PROPOSAL_VALID_SECONDS,
            language=message.language,
        )
        self._proposals.put(proposal)
        show_proposal(proposal)
        return f"{PROPOSED_RESULT_TEXT}\n\n{summary}"

    def execute(self, proposal: Proposal) -> str:
        order = msgspec.json.decode(proposal.payload, type=ErpChange)
        if order.operation == "create":
            id = self._erp.create_record(proposal.approver, order.model, order.values)
            return translate(texts.ERP_CREATED, proposal.language, record=self._record_link(order, id))
        if order.operation == "message":
            self._erp.post_note(proposal.approver, order.model, order.record_id, order.text)
            return translate(texts.ERP_NOTED, proposal.language, record=self._record_link(order))
        self._check_unchanged(proposal, order)
        self._erp.update_record(proposal.approver, order.model, order.record_id, order.values)
        return translate(texts.ERP_CHANGED, proposal.language, record=self._record_link(order))

    def verification_link(self, proposal: Proposal) -> str:
        order = msgspec.json.decode(proposal.payload, type=ErpChange)
        name = erp_text.escape_value(order.record_name)
        if not order.record_id:
            return translate(texts.ERP_LOOK_FOR_NEW, proposal.language, name=name)
        try:
            return self._record_link(order)
        except BackendError:
            return translate(texts.ERP_LOOK_AT, proposal.language, name=name)

    def _plan_change(
        self, message: Message, change: CreateRecord | UpdateRecord | PostNote
    ) -> tuple[ErpChange, str]:
        """The change as it will be made, and in words."""
        person, language = message.sender, message.language
        fields = {field.name: field for field in self._erp.list_fields(person, change.model)}
        label = next((m.label for m in self._erp.list_models(person) if m.name == change.model), change.model)
        if isinstance(change, CreateRecord):
            return self._plan_creation(person, change, fields, label, language)
        if isinstance(change, UpdateRecord):
            return self._plan_update(person, change, fields, label, language)
        return self._plan_note(person, change, language)

    def _plan_creation(
        self, person: str, change: CreateRecord, fields: Mapping[str, ErpField], label: str, language: str
    ) -> tuple[ErpChange, str]:
        values = convert_values(change.values, fields)
        lines = [
            f"- {_field_label(fields[name])}: {self._display_new_value(person, fields[name], values[name])}"
            for name in values
        ]
        name = str(values.get("name") or f"{label}")
        order = ErpChange(operation="create", model=change.model, record_name=name, values=values)
        title = translate(texts.ERP_CREATE, language, kind=erp_text.escape_value(label))
        return order, "\n".join((title, *lines))

    def _plan_update(
        self, person: str, change: UpdateRecord, fields: Mapping[str, ErpField], label: str, language: str
    ) -> tuple[ErpChange, str]:
        wanted = convert_values(change.values, fields)
        row = self._read_record(person, change.model, change.id, tuple(wanted))
        before = {name: _storable_value(row[name]) for name in wanted}
        values = {name: value for name, value in wanted.items() if value != before[name]}
        if not values:
            raise InvalidPayload("the record has these values already: there is nothing to change")
        lines = [
            f"- {_field_label(fields[name])}: "
            f"{_display_previous_value(fields[name], row[name])} → "
            f"{self._display_new_value(person, fields[name], value)}"
            for name, value in values.items()
        ]
        order = ErpChange(
            operation="update",
            model=change.model,
            record_name=str(row["display_name"]),
            record_id=change.id,
            values=values,
            previous_values={name: before[name] for name in values},
        )
        kind = erp_text.escape_value(label)
        title = translate(texts.ERP_CHANGE, language, record=self._record_link(order), kind=kind)
        return order, "\n".join((title, *lines))

    def _plan_note(self, person: str, change: PostNote, language: str) -> tuple[ErpChange, str]:
        text = check_visible("text", change.text).strip()
        if not text:
            raise InvalidPayload("a note has a text")
        row = self._read_record(person, change.model, change.id, ())
        name = str(row["display_name"])
        order = ErpChange(
            operation="message", model=change.model, record_name=name, record_id=change.id, text=text
        )
        lines = [f"> {erp_text.escape_line(line)}" for line in text.split("\n")]
        title = translate(texts.ERP_NOTE, language, record=self._record_link(order))
        return order, "\n".join((title, "", *lines))

    def _check_unchanged(self, proposal: Proposal, change: ErpChange) -> None:
        """Raises `Overtaken` unless the record is as it was when the change was proposed."""
        row = self._read_record(
            proposal.approver, change.model, change.record_id, tuple(change.previous_values)
        )
        other = [
            name for name, value in change.previous_values.items() if _storable_value(row[name]) != value
        ]
        if other:
            raise StaleRecord(translate(texts.ERP_RECORD_CHANGED, proposal.language, fields=", ".join(other)))

    def _read_record(self, person: str, model: str, id: int, field_names: Sequence[str]) -> Mapping[str, Any]:
        query = ErpQuery(
            model=model, domain=[["id", "=", id]], fields=("display_name", *field_names), limit=1
        )
        rows = self._erp.search_records(person, query)
        if not rows:
            raise InvalidPayload(f"there is no record {id} of {model} that this person may see")
        return rows[0]

    def _display_new_value(self, person: str, field: ErpField, value: Any) -> str:
        """A new value in words, whole: HTML as its source. A record that it leads to must be there."""
        if field.type in TEXT_TYPES and value:
            return erp_text.escape_source(value)
        if field.type == "many2one" and value:
            return erp_text.escape_value(self._read_record(person, field.relation, value, ())["display_name"])
        return erp_text.escape_value(erp_text.format_value(value, field))

    def _record_link(self, change: ErpChange, id: int = 0) -> str:
        return erp_text.format_record_link(
            change.record_name, self._erp.record_url(change.model, id or change.record_id)
        )


def _check_shown_whole(summary: str) -> None:
    """Raises `InvalidPayload` for a proposal that is too long: nobody approves what they have not seen."""
    excess = len(summary.encode("utf-16-le", "surrogatepass")) // 2 - MAX_SUMMARY_CHARS
    if excess > 0:
        raise InvalidPayload(
            f"the proposal is {excess} characters too long to be shown whole, so it is not made: write "
            "shorter texts, or propose fewer values at once"
        )


def _display_previous_value(field: ErpField, value: Any) -> str:
    """Returns what was there, in one bounded line: HTML as its source, as the new value is shown."""
    if field.type in TEXT_TYPES and value:
        return erp_text.escape_value(value)
    return erp_text.escape_value(erp_text.format_value(value, field))


def _storable_value(value: Any) -> Any:
    """A value as it is written: of a record its id."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 2 else value


def _field_label(field: ErpField) -> str:
    return erp_text.escape_value(field.label)
