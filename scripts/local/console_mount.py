"""The console on the local stack: under /console, without a login, for this machine alone."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from starlette.routing import Mount

from local.local_wiring import LocalWiring
from local.message_way import WebhookCall
from local.run_again import TurnRepeater
from local.try_stage import Deliver, LocalStage
from local.turn_views import TurnViews
from local.web_talk import WebTalk
from repartee.console.access import LoopbackAccess
from repartee.console.app import ConsoleApp
from repartee.console.pages import PREFIX, Pages
from repartee.console.try_it import TryIt
from repartee.wiring import assistants, console_setup, process, services
from repartee.wiring.console import console_sections
from standins.oidc.server import OidcStandIn

if TYPE_CHECKING:
    from local.deployment import LocalDeployment
    from repartee.domain.usage import Usage
    from repartee.ports import LanguageModel


MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""Bytes of a document that may be uploaded here, where no gateway stands before the console."""


class WebhookCalls:
    """When the webhook was called, so that a turn is shown from there on."""

    MAX_CALLS = 500
    """Calls that are remembered."""

    def __init__(self) -> None:
        self._calls: list[WebhookCall] = []

    def add(self, call: WebhookCall) -> None:
        self._calls = [*self._calls[1 - self.MAX_CALLS :], call]

    def find(self, received_at: float) -> WebhookCall | None:
        """Returns the call in which a message was received."""
        margin_seconds = 0.05
        return next(
            (
                call
                for call in reversed(self._calls)
                if call.began_at - margin_seconds <= received_at <= call.ended_at + margin_seconds
            ),
            None,
        )


def console_mount(
    deployed: LocalDeployment,
    deliver: Deliver,
    webhook_calls: WebhookCalls,
    url: str,
    issuer: OidcStandIn | None,
) -> Mount:
    """Returns the console, to be mounted in the local server."""
    parts = deployed.parts
    price = parts.get(services.prices).price_usage

    def cost_usd(usages: Sequence[Usage]) -> float:
        return price(usages).cost_usd

    views = TurnViews(
        parts.live_turns,
        parts.recorder,
        deployed.poller.invoked_at,
        webhook_calls.find,
        parts.get(services.redactor_for),
        cost_usd,
    )
    repeater = TurnRepeater(
        parts.get(process.pool), _model_maker(parts), parts.get(services.redactor_for), cost_usd
    )
    web = WebTalk(url, issuer.issue_token if issuer else _no_token, lambda: uuid.uuid4().hex)
    stage = LocalStage(
        deployed.stack,
        deliver,
        parts.live_turns,
        views,
        repeater,
        web,
        _list_assistants(parts),
        parts.chosen_assistants,
    )
    app = ConsoleApp(LoopbackAccess(), secrets.token_hex(32), Pages(), secure_cookies=False)
    parts.replace(console_setup.max_document_bytes, lambda _: MAX_DOCUMENT_BYTES)
    sections = [TryIt(app, stage).section(), *console_sections(parts, app)]
    return Mount(PREFIX, app.make_asgi_app(sections))


def _list_assistants(parts: LocalWiring) -> list[str]:
    """Returns the assistants, first the one that answers in Slack."""
    first = parts.get(process.settings).assistant.value_for("slack")
    known = parts.get(assistants.assistants)
    return sorted(known, key=lambda name: (name != first, name))


def _model_maker(parts: LocalWiring) -> Callable[[str], LanguageModel]:
    def make_model(name: str) -> LanguageModel:
        from repartee.services.openai.model import OpenAIModel

        settings = parts.get(process.settings)
        return OpenAIModel(
            parts.get(services.openai_client), name or settings.model, settings.reasoning_effort
        )

    return make_model


def _no_token(person: str) -> str:
    return ""
