"""The secrets that scripts/deploy --guided asks for, and those that it makes up itself."""

from __future__ import annotations

import getpass
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .deploy_settings import DeploySettings

MADE_SECRET_BYTES = 24


@dataclass(frozen=True)
class SecretQuestion:
    """A secret: its setting, where it is found, and the parameter with which it is needed ("" for always)."""

    name: str
    sentence: str
    with_parameter: str = ""
    with_value: str = ""


SECRETS = (
    SecretQuestion(
        "SLACK_SIGNING_SECRET",
        "Slack's signing secret (api.slack.com/apps → Basic Information). Enter, if there is no app yet.",
    ),
    SecretQuestion("SLACK_BOT_TOKEN", "Slack's bot token (OAuth & Permissions); it begins with xoxb-."),
    SecretQuestion("OPENAI_API_KEY", "The key of the model's API (platform.openai.com/api-keys)."),
    SecretQuestion("TELEGRAM_BOT_TOKEN", "Telegram's bot token (@BotFather), if it is to answer there too."),
    SecretQuestion(
        "WHATSAPP_ACCESS_TOKEN", "WhatsApp's access token of a system user, if it is to answer there too."
    ),
    SecretQuestion(
        "WHATSAPP_APP_SECRET", "WhatsApp's app secret (App settings → Basic), if it is to answer there too."
    ),
    SecretQuestion("WEAVIATE_API_KEY", "The key of the Weaviate cluster, if it wants one.", "WeaviateUrl"),
    SecretQuestion("PINECONE_API_KEY", "The key of the Pinecone project.", "Assistant", "coach"),
    SecretQuestion(
        "CONSOLE_CLIENT_SECRET", "The console's client secret at its login service.", "ConsoleIssuer"
    ),
    SecretQuestion("ODOO_API_KEY", "The key of Odoo's shared login, if there is one.", "OdooUrl"),
)

MADE_SECRETS = {
    "TELEGRAM_WEBHOOK_SECRET": "TELEGRAM_BOT_TOKEN",
    "WHATSAPP_VERIFY_TOKEN": "WHATSAPP_APP_SECRET",
    "CONSOLE_SESSION_KEY": "CONSOLE_CLIENT_SECRET",
    "PII_KEY": "",
    "RECORDINGS_KEY": "",
}
"""Secrets that nobody hands out, with the one beside which they are needed."""


def ask_secrets(
    settings: DeploySettings,
    environment: Mapping[str, str],
    read: Callable[[str], str],
    tell: Callable[[str], None],
) -> dict[str, str]:
    """Returns the secrets that were given, by name. Enter takes the environment's, or leaves what is stored.
    They are kept in Secrets Manager alone."""
    tell("\nSecrets go into Secrets Manager and nowhere else. Enter leaves what is there.")
    given = {}
    for question in SECRETS:
        if not _is_asked(question, settings):
            continue
        tell(f"\n{question.sentence}")
        default = environment.get(question.name, "").strip()
        shown = "from the environment" if default else "unchanged"
        given[question.name] = read(f"{question.name} [{shown}]: ").strip() or default
    return {name: value for name, value in given.items() if value}


def complete_secrets(known: Mapping[str, str]) -> dict[str, str]:
    """Returns the secrets that are lacking and can be made up here."""
    return {
        name: secrets.token_urlsafe(MADE_SECRET_BYTES)
        for name, beside in MADE_SECRETS.items()
        if not known.get(name) and (not beside or known.get(beside))
    }


def read_hidden(prompt: str) -> str:
    """Returns what is typed, which a terminal does not show. Raises EOFError."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else input(prompt)


def _is_asked(question: SecretQuestion, settings: DeploySettings) -> bool:
    value = settings.parameters.get(question.with_parameter, "")
    return not question.with_parameter or (bool(value) and question.with_value in value)
