"""The local stack: what is not set to something real gets a stand-in, for as long as it is needed."""

from __future__ import annotations

import contextlib
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from local import sample_files
from local.sample_events import telegram, whatsapp
from local.sent_mails import LINKS_KEY, SENDER_ADDRESS
from local.server_processes import ServerProcess
from standins.openai.arguments import EMBEDDING_MODEL, MODEL
from standins.openai.server import KEY, Pace
from standins.openai.transcriptions import HEARING_MODEL
from standins.slack.server import BOT_TOKEN
from standins.telegram.posts import BOT_PROFILE as TELEGRAM_BOT
from standins.telegram.server import BOT_TOKEN as TELEGRAM_TOKEN
from standins.webhooks.server import PATH as EVENTS_PATH
from standins.webhooks.server import SIGNING_KEY as EVENTS_KEY
from standins.whatsapp.server import ACCESS_TOKEN as WHATSAPP_TOKEN
from standins.whatsapp.server import PHONE_NUMBER_ID as WHATSAPP_NUMBER
from standins.whatsapp.server import TEMPLATE as WHATSAPP_TEMPLATE

SIGNING_SECRET = "local-standin-signing-secret"
WEBHOOK_SECRET = "local-standin-webhook-secret"
APP_SECRET = "local-standin-app-secret"
PII_KEY = "local-standin-pii-key"
RECORDINGS_KEY = "for-the-local-stack-only-recordings-key"
PERSON_ID_KEY = "for-the-local-stack-only-person-id-key"
EVENTS_SECRET_NAME = "desk-hook"
SECRETS_ID = "repartee/local"
FLAGS_ID, FLAGS_STRATEGY = "repartee/local/flags", "at-once"
START_TIMEOUT_SECONDS = 60.0
"""Seconds until a server must answer, on a busy machine."""
STANDIN_TIMEOUT_SECONDS = 120.0
"""Seconds that a stand-in may take to tell all that it was asked, after many thousand calls."""

AWS_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class StackFailed(Exception):
    """A part of the stack does not start; the text says which and why."""


class LocalStack:
    """The servers and the settings that lead to them. `real` names what is not a stand-in.

    A setting that is given (a key, a URL, a table) is left alone, and what it stands for is not started.
    `standins_module` is the server of the stand-ins.
    """

    def __init__(
        self, given: Mapping[str, str], pace: Pace, standins_module: str = "standins.server"
    ) -> None:
        self._given, self._pace, self._standins_module = dict(given), pace, standins_module
        self._open = contextlib.ExitStack()
        self.settings: dict[str, str] = {}
        self._serving: list[ServerProcess] = []
        self.standins = ""
        self.moto = ""

    def __enter__(self) -> LocalStack:
        with contextlib.ExitStack() as opening:
            folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="repartee-")))
            if not self._is_set("RECORDS_TABLE", "AWS_ENDPOINT_URL"):
                self.moto = self._start_server(opening, "local.moto_server", (), folder)
                self.settings |= AWS_SETTINGS | {"AWS_ENDPOINT_URL": self.moto, "SECRETS_ID": SECRETS_ID}
            self._start_standins(opening, folder)
            if not self._is_set("WEAVIATE_URL", "SQLITE_PATH"):
                self.settings["SQLITE_PATH"] = str(folder / "messages.db")
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def has_slack_standin(self) -> bool:
        """Whether Slack is a stand-in."""
        return not self._is_set("SLACK_BOT_TOKEN", "SLACK_API_URL")

    @property
    def has_telegram_standin(self) -> bool:
        """Whether Telegram is a stand-in."""
        return not self._is_set("TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL")

    @property
    def has_whatsapp_standin(self) -> bool:
        """Whether WhatsApp is a stand-in."""
        return not self._is_set("WHATSAPP_ACCESS_TOKEN", "WHATSAPP_API_URL")

    def is_standin(self, platform: str) -> bool:
        """Whether what is said on the platform is said to a stand-in."""
        return {
            "slack": self.has_slack_standin,
            "telegram": self.has_telegram_standin,
            "whatsapp": self.has_whatsapp_standin,
        }[platform]

    @property
    def has_odoo_standin(self) -> bool:
        """Whether Odoo is a stand-in, beside those of platforms or of the model."""
        return not self._is_set("ODOO_URL")

    @property
    def has_model_standin(self) -> bool:
        """Whether the model is a stand-in."""
        return not self._is_set("OPENAI_API_KEY", "OPENAI_BASE_URL")

    @property
    def signing_secret(self) -> str:
        return self._given.get("SLACK_SIGNING_SECRET") or SIGNING_SECRET

    @property
    def event_receiver_url(self) -> str:
        """Where the stand-in takes a desk's events; empty where there is none."""
        return f"{self.standins}{EVENTS_PATH}" if self.standins else ""

    @property
    def email_settings(self) -> dict[str, str]:
        """Who sends mails to the stand-in of SES; empty where AWS is none, or an operator's own is set."""
        return (
            {"EMAIL_FROM": f"Repartee <{SENDER_ADDRESS}>"}
            if self.moto and not self._is_set("EMAIL_FROM")
            else {}
        )

    def platform_secret(self, platform: str) -> str:
        """Returns the secret that proves that an event comes from the platform."""
        if platform == "slack":
            return self.signing_secret
        if platform == "whatsapp":
            return self._given.get("WHATSAPP_APP_SECRET") or APP_SECRET
        return self._given.get("TELEGRAM_WEBHOOK_SECRET") or WEBHOOK_SECRET

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the process: those that are given, and the stack's."""
        return {**self._given, **self.settings}

    def show_person_message(self, event: Mapping[str, Any]) -> None:
        """Adds a person's message to the platform's stand-in, as it would be there already."""
        for said in event.get("heard", ()):
            if self.has_whatsapp_standin:
                self.call_standins("whatsapp/said", **said)
        if "message_id" in event:
            if self.has_telegram_standin:
                self.call_standins("telegram/said", **telegram.to_standin_message(event))
            return
        files = sample_files.slack_files(event)
        said = (event.get("text") or files) and event.get("user") and not event.get("bot_id")
        if self.has_slack_standin and said and event.get("subtype") in (None, "file_share"):
            arguments = {
                name: event[name] for name in ("channel", "user", "ts", "thread_ts") if event.get(name)
            }
            self.call_standins("said", text=event.get("text", ""), files=files, **arguments)

    def apply_webhook_answer(self, path: str, body: str) -> None:
        """Carries out the webhook's answer, which Telegram takes for a call if it names a method."""
        call = json.loads(body) if path == telegram.WEBHOOK_PATH and self.has_telegram_standin else {}
        if method := call.pop("method", ""):
            url = f"{self.standins}/telegram/bot{TELEGRAM_TOKEN}/{method}"
            request = urllib.request.Request(
                url, json.dumps(call).encode(), {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(request, timeout=15).close()

    def wait_until_ready(self) -> None:
        """Waits until the servers answer. Raises `StackFailed` with what they printed if they do not."""
        for serving in self._serving:
            try:
                urllib.request.urlopen(serving.url, timeout=START_TIMEOUT_SECONDS).close()
            except urllib.error.HTTPError:
                pass  # an answer is all that is asked for
            except OSError as error:
                raise StackFailed(
                    f"{serving.module} does not start ({error}):\n{serving.last_output()}"
                ) from None

    def create_resources(self, dynamodb: Any, sqs: Any, secrets: Any) -> None:
        """Makes the table, the queues and the secrets, where AWS is a stand-in."""
        if not self.moto:
            return
        from local import aws_resources, coach_seeds, sample_history

        self.settings |= aws_resources.create_resources(dynamodb, sqs)
        secrets.create_secret(Name=SECRETS_ID, SecretString=json.dumps(self._secrets_document()))
        table = self.settings["RECORDS_TABLE"]
        people = (*sample_history.people_items(), *coach_seeds.coaching_items())
        linked = tuple(sample_history.linked_accounts()) if self.has_odoo_standin else ()
        for name, items in ((table, people), (self.settings["ACCOUNTS_TABLE"], linked)):
            if items:
                puts = [{"PutRequest": {"Item": item}} for item in items]
                dynamodb.batch_write_item(RequestItems={name: puts})

    def call_standins(self, path: str, **body: Any) -> Any:
        """Calls the stand-ins' own routes: GET without a body, POST with one."""
        request = urllib.request.Request(
            f"{self.standins}/standin/{path}", headers={"Content-Type": "text/json"}
        )
        if body:
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=STANDIN_TIMEOUT_SECONDS) as answer:
            return json.load(answer)

    def store_person_file(self, path: str, kind: str, content: bytes) -> None:
        """Keeps a person's file of that type in a platform's stand-in, before a message brings it."""
        request = urllib.request.Request(
            f"{self.standins}/standin/{path}", content, {"Content-Type": kind}, method="PUT"
        )
        urllib.request.urlopen(request, timeout=STANDIN_TIMEOUT_SECONDS).close()

    def _start_standins(self, opening: contextlib.ExitStack, folder: Path) -> None:
        if not (
            self.has_slack_standin
            or self.has_telegram_standin
            or self.has_whatsapp_standin
            or self.has_model_standin
        ):
            return
        pace = [f"--first-token-ms={self._pace.first_token * 1000}"]
        pace.append(f"--tokens-per-second={self._pace.per_second}")
        self.standins = self._start_server(opening, self._standins_module, pace, folder)
        if self.has_slack_standin:
            self.settings["SLACK_API_URL"] = f"{self.standins}/slack/api/"
        if self.has_telegram_standin:
            self.settings["TELEGRAM_API_URL"] = f"{self.standins}/telegram"
            self.settings["TELEGRAM_BOT_USERNAME"] = str(TELEGRAM_BOT["username"])
        if self.has_whatsapp_standin:
            self.settings["WHATSAPP_API_URL"] = f"{self.standins}/whatsapp/v25.0"
            self.settings["WHATSAPP_PHONE_NUMBER_ID"] = WHATSAPP_NUMBER
            self.settings["WHATSAPP_TEMPLATE"] = ":".join(WHATSAPP_TEMPLATE)
        if self.has_odoo_standin:
            from standins.odoo.company import DATABASE

            self.settings |= {"ODOO_URL": f"{self.standins}/odoo", "ODOO_DATABASE": DATABASE}
        if self.has_model_standin:
            self.settings["OPENAI_BASE_URL"] = f"{self.standins}/openai/v1"
            self.settings |= {"MODEL": MODEL, "SMALL_MODEL": MODEL, "EMBEDDING_MODEL": EMBEDDING_MODEL}
            self.settings["TRANSCRIPTION_MODEL"] = HEARING_MODEL
        if not self.moto:
            self.settings |= self._secrets_document()
            return
        flags = f"{self.standins}/appconfig"
        self.settings |= {"AWS_ENDPOINT_URL_APPCONFIGDATA": flags, "AWS_ENDPOINT_URL_APPCONFIG": flags}
        self.settings |= {"FLAGS": FLAGS_ID, "FLAGS_STRATEGY": FLAGS_STRATEGY}

    def _start_server(
        self, opening: contextlib.ExitStack, module: str, arguments: Sequence[str], folder: Path
    ) -> str:
        serving = opening.enter_context(ServerProcess(module, arguments, folder / f"{module}.log"))
        self._serving.append(serving)
        return serving.url

    def _secrets_document(self) -> dict[str, str]:
        """Returns the secrets that the stand-ins accept and that sign our events."""
        secrets = {
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "TELEGRAM_WEBHOOK_SECRET": self.platform_secret("telegram"),
            "WHATSAPP_APP_SECRET": self.platform_secret("whatsapp"),
            "WHATSAPP_VERIFY_TOKEN": self._given.get("WHATSAPP_VERIFY_TOKEN") or whatsapp.VERIFY_TOKEN,
            EVENTS_SECRET_NAME: EVENTS_KEY,
            "EMAIL_LINKS_KEY": self._given.get("EMAIL_LINKS_KEY") or LINKS_KEY,
        }
        if not self._is_set("PII_KEY"):
            secrets["PII_KEY"] = PII_KEY
        if not self._is_set("RECORDINGS_KEY"):
            secrets["RECORDINGS_KEY"] = RECORDINGS_KEY
        if not self._is_set("PERSON_ID_KEY"):
            secrets["PERSON_ID_KEY"] = PERSON_ID_KEY
        if self.has_slack_standin:
            secrets["SLACK_BOT_TOKEN"] = BOT_TOKEN
        if self.has_telegram_standin:
            secrets["TELEGRAM_BOT_TOKEN"] = TELEGRAM_TOKEN
        if self.has_whatsapp_standin:
            secrets["WHATSAPP_ACCESS_TOKEN"] = WHATSAPP_TOKEN
        if self.has_model_standin:
            secrets["OPENAI_API_KEY"] = KEY
        return secrets

    def _is_set(self, *names: str) -> bool:
        return any(self._given.get(name, "").strip() for name in names)
