"""The models, what hides personal details from them, what they may cost, and the company's ERP."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from repartee.errors import SettingError
from repartee.settings import Settings
from repartee.wiring.stores import StoresWiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repartee.domain.budget import Budget
    from repartee.domain.redactor import RedactorFactory
    from repartee.ports import (
        DocumentParser,
        Embedder,
        Erp,
        LanguageModel,
        PiiDetector,
        SmallModel,
        Transcriber,
    )
    from repartee.turn.prices import PriceList


class ServicesWiring(StoresWiring):
    """What is asked of others."""

    @cached_property
    def openai_client(self) -> Any:
        from repartee.services.openai.client import make_openai_client

        self.settings.require(Settings.openai_api_key)
        return make_openai_client(lambda: self.settings.openai_api_key, self.settings.openai_base_url)

    @cached_property
    def model(self) -> LanguageModel:
        from repartee.services.openai.model import OpenAIModel

        return OpenAIModel(self.openai_client, self.settings.model, self.settings.reasoning_effort)

    @cached_property
    def small_model(self) -> SmallModel:
        from repartee.privacy.redacted_models import RedactingSmallModel
        from repartee.services.openai.small import OpenAISmallModel

        small = OpenAISmallModel(self.openai_client, self.settings.small_model)
        return (
            small if self.settings.redaction_mode == "off" else RedactingSmallModel(small, self.redactor_for)
        )

    @cached_property
    def embedder(self) -> Embedder:
        from repartee.services.openai.embedder import OpenAIEmbedder

        return OpenAIEmbedder(self.openai_client, self.settings.embedding_model)

    @cached_property
    def redacting_embedder(self) -> Embedder:
        """For plans whose steps do not mask what they embed."""
        from repartee.privacy.redacted_models import RedactingEmbedder

        return (
            self.embedder
            if self.settings.redaction_mode == "off"
            else RedactingEmbedder(self.embedder, self.redactor_for)
        )

    @cached_property
    def transcriber(self) -> Transcriber:
        from repartee.services.openai.transcriber import OpenAITranscriber

        return OpenAITranscriber(self.openai_client, self.settings.transcription_model)

    @cached_property
    def documents(self) -> DocumentParser:
        from repartee.services.documents import DocumentReader

        return DocumentReader()

    @cached_property
    def redactor_for(self) -> RedactorFactory:
        """What hides personal details from models, where it is to."""
        from repartee.domain.redactor import no_redaction
        from repartee.privacy.redaction import make_redactor_factory

        if self.settings.redaction_mode == "off":
            return no_redaction
        return make_redactor_factory(self._make_detector(), self.settings.redaction_key)

    def _make_detector(self) -> PiiDetector:
        from repartee.privacy.rules import RuleDetector

        if self.settings.redaction_mode == "rules":
            return RuleDetector()
        from repartee.services.comprehend import ComprehendDetector

        return ComprehendDetector(self.aws_clients.get_client("comprehend"), RuleDetector())

    @cached_property
    def prices(self) -> PriceList:
        from repartee.turn.prices import Price, PriceList

        return PriceList({name: Price(*price) for name, price in self.settings.model_prices.items()})

    @cached_property
    def budgets(self) -> Budget:
        """The budgets. One in money needs to know what the models cost."""
        from repartee.domain.budget import Budget, UsageLimit

        settings = self.settings
        limits = Budget(
            room=UsageLimit(settings.budget_room_tokens, settings.budget_room_cost),
            workspace=UsageLimit(settings.budget_workspace_tokens, settings.budget_workspace_cost),
        )
        for model in (settings.model, settings.small_model):
            if (limits.room.max_cost_usd or limits.workspace.max_cost_usd) and self.prices.find_price(
                model
            ) is None:
                raise Settings.model_prices.malformed_error(f"a budget in dollars needs the price of {model}")
        return limits

    @cached_property
    def erp(self) -> Erp:
        from repartee.ports import ErpAccount
        from repartee.services.odoo import OdooClient, OdooErp

        settings = self.settings
        if not settings.odoo_url:
            raise SettingError(Settings.odoo_url.name, Settings.odoo_url.purpose)
        client = OdooClient(settings.odoo_url, settings.odoo_database, settings.odoo_api)
        shared = ErpAccount(settings.odoo_user, settings.odoo_api_key) if settings.odoo_api_key else None
        return OdooErp(client, self.accounts, shared, self.monotonic, self._read_profile)

    def _read_profile(self, person: str) -> Mapping[str, str]:
        return self.records.read_chat_state(person, person, person).profile
