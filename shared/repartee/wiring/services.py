"""The models, what hides personal details from them, what they may cost, and the company's ERP."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from repartee.errors import SettingError
from repartee.settings import Settings
from repartee.wiring.stores import Stores

if TYPE_CHECKING:
    from repartee.conversation.limits import Limits
    from repartee.conversation.prices import Prices
    from repartee.conversation.veil import Veils
    from repartee.ports import Documents, Embedder, Erp, Masker, Model, SmallModel, Transcriber


class Services(Stores):
    """What is asked of others."""

    @cached_property
    def openai(self) -> Any:
        from repartee.services.openai.client import connect

        self.settings.need(Settings.openai_api_key)
        return connect(lambda: self.settings.openai_api_key, self.settings.openai_base_url)

    @cached_property
    def model(self) -> Model:
        from repartee.services.openai.model import OpenAIModel

        return OpenAIModel(self.openai, self.settings.model, self.settings.reasoning_effort)

    @cached_property
    def small(self) -> SmallModel:
        from repartee.conversation.veiled import VeiledSmallModel
        from repartee.services.openai.small import OpenAISmallModel

        small = OpenAISmallModel(self.openai, self.settings.small_model)
        return small if self.settings.pii == "off" else VeiledSmallModel(small, self.veils)

    @cached_property
    def embedder(self) -> Embedder:
        from repartee.services.openai.embedder import OpenAIEmbedder

        return OpenAIEmbedder(self.openai, self.settings.embedding_model)

    @cached_property
    def veiled_embedder(self) -> Embedder:
        """For plans whose steps do not mask what they embed."""
        from repartee.conversation.veiled import VeiledEmbedder

        return self.embedder if self.settings.pii == "off" else VeiledEmbedder(self.embedder, self.veils)

    @cached_property
    def transcriber(self) -> Transcriber:
        from repartee.services.openai.transcriber import OpenAITranscriber

        return OpenAITranscriber(self.openai, self.settings.transcription_model)

    @cached_property
    def documents(self) -> Documents:
        from repartee.services.documents import DocumentReader

        return DocumentReader()

    @cached_property
    def veils(self) -> Veils:
        """What hides personal details from models, where it is to."""
        from repartee.conversation.veil import clear, veils

        if self.settings.pii == "off":
            return clear
        return veils(self._masker(), self.settings.pii_key)

    def _masker(self) -> Masker:
        from repartee.services.pii.rules import Rules

        if self.settings.pii == "rules":
            return Rules()
        from repartee.services.pii.comprehend import Comprehend

        return Comprehend(self.aws.make("comprehend"), Rules())

    @cached_property
    def prices(self) -> Prices:
        from repartee.conversation.prices import Price, Prices

        return Prices({name: Price(*price) for name, price in self.settings.model_prices.items()})

    @cached_property
    def limits(self) -> Limits:
        """The budgets. One in money needs to know what the models cost."""
        from repartee.conversation.limits import Limit, Limits

        settings = self.settings
        limits = Limits(
            room=Limit(settings.budget_room_tokens, settings.budget_room_cost),
            workspace=Limit(settings.budget_workspace_tokens, settings.budget_workspace_cost),
        )
        for model in (settings.model, settings.small_model):
            if (limits.room.cost or limits.workspace.cost) and self.prices.of(model) is None:
                raise Settings.model_prices.malformed(f"a budget in dollars needs the price of {model}")
        return limits

    @cached_property
    def erp(self) -> Erp:
        from repartee.ports import Account
        from repartee.stores.odoo import OdooClient, OdooErp

        settings = self.settings
        if not settings.odoo_url:
            raise SettingError(Settings.odoo_url.name, Settings.odoo_url.purpose)
        client = OdooClient(settings.odoo_url, settings.odoo_database, settings.odoo_api)
        shared = Account(settings.odoo_user, settings.odoo_api_key) if settings.odoo_api_key else None
        return OdooErp(client, self.accounts, shared, self.monotonic)
