"""The steps of scripts/deploy beside SAM: the schema before, secrets, webhooks and trials after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from operations.smoke_test import run_smoke_test
from operations.stack_settings import read_secrets_document, update_secrets_document
from operations.telegram_setup import TelegramRefused, register_webhook
from repartee.errors import ReparteeError
from repartee.settings import Settings

from .deploy_routes import train_routes
from .deploy_secrets import complete_secrets
from .deploy_settings import DeploySettings
from .environments import SetupFailed
from .schema import migrate

Tell = Callable[[str], None]


def prepare_weaviate(
    settings: DeploySettings, stack: DeployedStack, given: Mapping[str, str], tell: Tell
) -> None:
    """Makes the collections before there is a version that needs them. Raises SetupFailed."""
    url = settings.parameters.get("WeaviateUrl", "")
    if not url:
        return
    key = given.get("WEAVIATE_API_KEY") or _stored_secrets(stack).get("WEAVIATE_API_KEY", "")
    named = {"WEAVIATE_URL": url, "WEAVIATE_API_KEY": key}
    if port := settings.parameters.get("WeaviateGrpcPort"):
        named["WEAVIATE_GRPC_PORT"] = port
    try:
        changes = migrate(Settings(named))
    except ReparteeError as failure:
        raise SetupFailed(f"{failure}\nNothing was deployed; --skip-schema leaves Weaviate alone") from None
    except ValueError:  # its client refuses what cannot be an address, such as one port for both interfaces
        problem = f"WeaviateUrl {url} and WeaviateGrpcPort cannot be used together"
        raise SetupFailed(f"{problem}; nothing was deployed") from None
    tell(f"Weaviate: {', '.join(changes) or 'its collections are there already'}")


def finish_deployment(
    stack: DeployedStack, settings: DeploySettings, given: Mapping[str, str], guided: bool, tell: Tell
) -> None:
    """Stores secrets, registers webhooks, tries each channel and says what to do at the platforms.

    Raises SmokeTestFailed, MissingPart, OSError and AWS's errors.
    """
    if guided:
        known = read_secrets_document(stack) | dict(given)
        changed = update_secrets_document(stack, {**given, **complete_secrets(known)})
        if changed:
            tell(f"Secrets Manager now holds {', '.join(sorted(changed))}.")
    known = read_secrets_document(stack)
    url = stack.stack_output("ApiUrl")
    if guided:
        tell(_register_telegram(known, settings, url))
    tell(run_smoke_test(stack))
    tell(train_routes(stack, settings, given))
    if guided:
        tell("\n".join(["", "What is left to do", *_next_steps(known, url)]))


def _register_telegram(known: Mapping[str, str], settings: DeploySettings, url: str) -> str:
    secrets = Settings(known)
    if not secrets.is_any_set(Settings.telegram_bot_token):
        return "Telegram: no token, so nothing was registered."
    try:
        register_webhook(
            secrets.telegram_api_url, secrets.telegram_bot_token, secrets.telegram_webhook_secret, url
        )
    except (TelegramRefused, OSError) as problem:
        return f"Telegram did not take the webhook ({problem}): scripts/doctor telegram-webhook tries again."
    return "Telegram: webhook and commands are registered."


def _next_steps(known: Mapping[str, str], url: str) -> Iterator[str]:
    """Yields what nobody but the person can do, at each platform, in order."""
    host = urlsplit(url).netloc
    yield "  Slack:"
    if known.get("SLACK_BOT_TOKEN") and known.get("SLACK_SIGNING_SECRET"):
        yield f"    api.slack.com/apps → Event Subscriptions: let Slack try https://{host}/slack/events,"
        yield "    then invite the assistant to a channel: /invite @repartee"
    else:
        yield f"    scripts/doctor slack-manifest --host {host}    prints the app's manifest"
        yield "    api.slack.com/apps → Create New App → From a manifest; paste it, and install the app"
        yield "    scripts/deploy --guided    again, with its signing secret and bot token"
    if not known.get("OPENAI_API_KEY"):
        yield "  Model: scripts/deploy --guided again, with its key; without one nothing is answered"
    if known.get("WHATSAPP_APP_SECRET"):
        callback = f"https://{host}/whatsapp/webhook"
        yield f"  WhatsApp: Configuration → Webhook: {callback}, with WHATSAPP_VERIFY_TOKEN"
        yield "    of the secrets document; subscribe to messages, and register the number (docs/whatsapp.md)"
    yield "  scripts/doctor --stack NAME    says at any time what is still missing"


def _stored_secrets(stack: DeployedStack) -> Mapping[str, str]:
    """Returns the secrets of the stack, none before its first deployment."""
    try:
        return read_secrets_document(stack)
    except (MissingPart, *AWS_ERRORS):
        return {}
