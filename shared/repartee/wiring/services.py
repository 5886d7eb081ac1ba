"""The models, what hides personal details from them, what they may cost, and the company's ERP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.errors import SettingError
from repartee.settings import Settings
from repartee.wiring import process, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.domain.budget import Budget
    from repartee.domain.message import StoredMessage
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


@part
def openai_client(wiring: Wiring) -> Any:
    from repartee.services.openai.client import make_openai_client

    settings = wiring.get(process.settings)
    settings.require(Settings.openai_api_key)
    return make_openai_client(lambda: settings.openai_api_key, settings.openai_base_url)


@part
def model(wiring: Wiring) -> LanguageModel:
    from repartee.services.openai.model import OpenAIModel

    settings = wiring.get(process.settings)
    return OpenAIModel(wiring.get(openai_client), settings.model, settings.reasoning_effort)


@part
def small_model(wiring: Wiring) -> SmallModel:
    from repartee.privacy.redacted_models import RedactingSmallModel
    from repartee.services.openai.small import OpenAISmallModel

    settings = wiring.get(process.settings)
    small = OpenAISmallModel(wiring.get(openai_client), settings.small_model)
    return small if settings.redaction_mode == "off" else RedactingSmallModel(small, wiring.get(redactor_for))


@part
def embedder(wiring: Wiring) -> Embedder:
    from repartee.services.openai.embedder import OpenAIEmbedder

    return OpenAIEmbedder(wiring.get(openai_client), wiring.get(process.settings).embedding_model)


@part
def redacting_embedder(wiring: Wiring) -> Embedder:
    """For plans whose steps do not mask what they embed."""
    from repartee.privacy.redacted_models import RedactingEmbedder

    return (
        wiring.get(embedder)
        if wiring.get(process.settings).redaction_mode == "off"
        else RedactingEmbedder(wiring.get(embedder), wiring.get(redactor_for))
    )


@part
def transcriber(wiring: Wiring) -> Transcriber:
    from repartee.services.openai.transcriber import OpenAITranscriber

    return OpenAITranscriber(wiring.get(openai_client), wiring.get(process.settings).transcription_model)


@part
def documents(wiring: Wiring) -> DocumentParser:
    from repartee.services.documents import DocumentReader

    return DocumentReader()


@part
def redactor_for(wiring: Wiring) -> RedactorFactory:
    """Returns the factory that hides personal details from models, where they are to be hidden."""
    from repartee.domain.redactor import no_redaction
    from repartee.privacy.redaction import make_redactor_factory

    settings = wiring.get(process.settings)
    if settings.redaction_mode == "off":
        return no_redaction
    return make_redactor_factory(_make_detector(wiring), settings.redaction_key)


@part
def recordings_redactor_for(wiring: Wiring) -> RedactorFactory:
    """Returns the factory that redacts recordings: always, by the rules where models are given all."""
    from repartee.privacy.redaction import make_redactor_factory
    from repartee.privacy.rules import RuleDetector

    settings = wiring.get(process.settings)
    if settings.redaction_mode != "off":
        return wiring.get(redactor_for)
    return make_redactor_factory(RuleDetector(), settings.recordings_key)


def _make_detector(wiring: Wiring) -> PiiDetector:
    from repartee.privacy.rules import RuleDetector

    mode = wiring.get(process.settings).redaction_mode
    if mode == "rules":
        return RuleDetector()
    if mode == "local":
        from repartee.services.presidio import PresidioDetector, load_presidio

        return PresidioDetector(load_presidio(), RuleDetector())
    from repartee.services.comprehend import ComprehendDetector

    return ComprehendDetector(wiring.get(process.aws_clients).get_client("comprehend"), RuleDetector())


@part
def prices(wiring: Wiring) -> PriceList:
    from repartee.turn.prices import Price, PriceList

    return PriceList(
        {name: Price(*price) for name, price in wiring.get(process.settings).model_prices.items()}
    )


@part
def budgets(wiring: Wiring) -> Budget:
    """The budgets. One in money needs to know what the models cost."""
    from repartee.domain.budget import Budget, UsageLimit

    settings = wiring.get(process.settings)
    limits = Budget(
        room=UsageLimit(settings.budget_room_tokens, settings.budget_room_cost),
        workspace=UsageLimit(settings.budget_workspace_tokens, settings.budget_workspace_cost),
    )
    for model in (settings.model, settings.small_model):
        if (limits.room.max_cost_usd or limits.workspace.max_cost_usd) and wiring.get(prices).find_price(
            model
        ) is None:
            raise Settings.model_prices.malformed_error(f"a budget in dollars needs the price of {model}")
    return limits


@part
def erp(wiring: Wiring) -> Erp:
    from repartee.ports import ErpAccount
    from repartee.services.odoo import OdooClient, OdooErp

    settings = wiring.get(process.settings)
    if not settings.odoo_url:
        raise SettingError(Settings.odoo_url.name, Settings.odoo_url.purpose)
    client = OdooClient(settings.odoo_url, settings.odoo_database, settings.odoo_api)
    shared = ErpAccount(settings.odoo_user, settings.odoo_api_key) if settings.odoo_api_key else None

    def read_profile(person: str) -> Mapping[str, str]:
        return wiring.get(stores.records).read_chat_state(person, person, person).profile

    return OdooErp(client, wiring.get(stores.accounts), shared, wiring.get(process.monotonic), read_profile)


def redact_if_stored_redacted(wiring: Wiring, messages: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """Returns the messages as the stores are to keep them."""
    if wiring.get(process.settings).stored_redaction_mode != "masked" or not messages:
        return messages
    hidden = wiring.get(redactor_for)(messages[0].room).redact_all([one.text for one in messages])
    return [msgspec.structs.replace(one, text=text) for one, text in zip(messages, hidden, strict=True)]
