"""The assistants, each with the ports that its plan takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repartee.settings import Settings
from repartee.wiring.channels import ChannelsWiring

if TYPE_CHECKING:
    from repartee.assistants.office.erp import ErpToolset
    from repartee.assistants.office.routes import Router
    from repartee.assistants.office.summarising import OfficeExchangeRecorder
    from repartee.domain.message import Exchange, StoredMessage
    from repartee.turn.approvals import ApprovalResolver
    from repartee.turn.assistant import Assistant


class AssistantsWiring(ChannelsWiring):
    """Who answers."""

    @cached_property
    def assistants(self) -> Mapping[str, Assistant]:
        """Those that the settings name."""
        makers = {"office": self._make_office, "coach": self._make_coach}
        named = self.settings.assistant.values()
        if unknown := named - makers.keys():
            raise Settings.assistant.malformed_error(f"there is no {', '.join(sorted(unknown))}")
        return {name: makers[name]() for name in sorted(named)}

    def _make_office(self) -> Assistant:
        from repartee.assistants.office import plan as office
        from repartee.turn.assistant import Assistant

        ports = {
            "records": self.records,
            "messages": self.messages,
            "meetings": self.meetings,
            "embedder": self.embedder,
            "small_model": self.small_model,
            "router": self.router,
            "redactor_for": self.redactor_for,
            "erp_toolset": self.erp_toolset,
            "attachments": self.attachments,
            "transcriber": self.transcriber,
            "documents": self.documents,
            "media": self.media,
            "earlier_image_store": self.earlier_image_store,
            "pool": self.pool,
        }
        return Assistant(
            "office",
            office.build_graph(),
            ports,
            resolve_press=self.approval_resolver.resolve,
            on_exchange=self._office_recorder.record_exchange,
        )

    def _make_coach(self) -> Assistant:
        from repartee.assistants.coach import plan as coach
        from repartee.turn.assistant import Assistant

        ports = {
            "coaching": self.coaching,
            "small_model": self.small_model,
            "embedder": self.redacting_embedder,
            "knowledge": self.knowledge,
            "memories": self.memories,
            "workouts": self.workouts,
            "attachments": self.attachments,
            "transcriber": self.transcriber,
            "documents": self.documents,
            "media": self.media,
            "pool": self.pool,
        }
        return Assistant("coach", coach.build_graph(), ports, on_exchange=self.coaching.append_history)

    @cached_property
    def router(self) -> Router:
        """Chooses the office assistant's routes."""
        from repartee.assistants.office.routes import Router, load_routes

        return Router(load_routes(), self.embedder, self.vectors, self.settings.embedding_model)

    @cached_property
    def erp_toolset(self) -> ErpToolset | None:
        """Who works in the company's ERP for people, where there is one."""
        if not self.settings.odoo_url:
            return None
        from repartee.assistants.office.erp import ErpToolset

        return ErpToolset(self.erp, self.proposals, self.clock)

    @cached_property
    def approval_resolver(self) -> ApprovalResolver:
        from repartee.turn.approvals import ApprovalResolver

        return ApprovalResolver(
            self.proposals, {"erp": self.erp_toolset} if self.erp_toolset else {}, self.reply_senders
        )

    @cached_property
    def _office_recorder(self) -> OfficeExchangeRecorder:
        from repartee.assistants.office.summarising import OfficeExchangeRecorder

        return OfficeExchangeRecorder(
            self.records, self.messages, self.meetings, self.small_model, self._redact_if_stored_redacted
        )

    def _redact_if_stored_redacted(self, messages: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
        """What was said, as the stores are to keep it."""
        if self.settings.stored_redaction_mode != "masked" or not messages:
            return messages
        hidden = self.redactor_for(messages[0].room).redact_all([one.text for one in messages])
        return [msgspec.structs.replace(one, text=text) for one, text in zip(messages, hidden, strict=True)]

    def _record_exchange(self, exchange: Exchange) -> None:
        """What the assistant that took the turn keeps of it in its own way."""
        assistant = self.assistants.get(exchange.assistant)
        if assistant and assistant.on_exchange:
            assistant.on_exchange(exchange)
