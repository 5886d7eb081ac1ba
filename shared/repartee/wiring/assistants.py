"""The assistants, each with the ports that its plan takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repartee.settings import Settings
from repartee.wiring.channels import Channels

if TYPE_CHECKING:
    from repartee.assistants.office.erp import Clerk
    from repartee.assistants.office.remembering import Remembering
    from repartee.assistants.office.routes import Router
    from repartee.conversation.means import Assistant
    from repartee.conversation.message import Exchange, Said
    from repartee.conversation.proposal import Decisions


class Assistants(Channels):
    """Who answers."""

    @cached_property
    def assistants(self) -> Mapping[str, Assistant]:
        """Those that the settings name."""
        makers = {"office": self._office, "coach": self._coach}
        named = self.settings.assistant.values()
        if unknown := named - makers.keys():
            raise Settings.assistant.malformed(f"there is no {', '.join(sorted(unknown))}")
        return {name: makers[name]() for name in sorted(named)}

    def _office(self) -> Assistant:
        from repartee.assistants.office import plan as office
        from repartee.conversation.means import Assistant

        ports = {
            "records": self.records,
            "messages": self.messages,
            "meetings": self.meetings,
            "embedder": self.embedder,
            "small": self.small,
            "router": self.router,
            "veils": self.veils,
            "clerk": self.clerk,
            "attachments": self.attachments,
            "transcriber": self.transcriber,
            "documents": self.documents,
            "media": self.media,
            "pictures": self.pictures,
            "pool": self.pool,
        }
        return Assistant(
            "office",
            office.build(),
            ports,
            decided=self.decisions.settle,
            remember=self._remembering.remember,
        )

    def _coach(self) -> Assistant:
        from repartee.assistants.coach import plan as coach
        from repartee.conversation.means import Assistant

        ports = {
            "coaching": self.coaching,
            "small": self.small,
            "embedder": self.veiled_embedder,
            "knowledge": self.knowledge,
            "memories": self.memories,
            "workouts": self.workouts,
            "attachments": self.attachments,
            "transcriber": self.transcriber,
            "documents": self.documents,
            "media": self.media,
            "pool": self.pool,
        }
        return Assistant("coach", coach.build(), ports, remember=self.coaching.converse)

    @cached_property
    def router(self) -> Router:
        """Chooses the office assistant's routes."""
        from repartee.assistants.office.routes import Router, load

        return Router(load(), self.embedder, self.vectors, self.settings.embedding_model)

    @cached_property
    def clerk(self) -> Clerk | None:
        """Who works in the company's ERP for people, where there is one."""
        if not self.settings.odoo_url:
            return None
        from repartee.assistants.office.erp import Clerk

        return Clerk(self.erp, self.proposals, self.clock)

    @cached_property
    def decisions(self) -> Decisions:
        from repartee.conversation.proposal import Decisions

        return Decisions(self.proposals, {"erp": self.clerk} if self.clerk else {}, self.channels)

    @cached_property
    def _remembering(self) -> Remembering:
        from repartee.assistants.office.remembering import Remembering

        return Remembering(self.records, self.messages, self.meetings, self.small, self._as_kept)

    def _as_kept(self, said: Sequence[Said]) -> Sequence[Said]:
        """What was said, as the stores are to keep it."""
        if self.settings.pii_stored != "masked" or not said:
            return said
        hidden = self.veils(said[0].room).hide_all([one.text for one in said])
        return [msgspec.structs.replace(one, text=text) for one, text in zip(said, hidden, strict=True)]

    def _remember(self, exchange: Exchange) -> None:
        """What the assistant that took the turn keeps of it in its own way."""
        assistant = self.assistants.get(exchange.assistant)
        if assistant and assistant.remember:
            assistant.remember(exchange)
