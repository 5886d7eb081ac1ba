"""Payloads of Telegram and WhatsApp as they are posted, and what becomes of them in whole turns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local.sample_events import telegram as telegram_samples
from local.sample_events import whatsapp as whatsapp_samples
from repartee.channels.whatsapp.signature import sign_body
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.domain.prompt import Prompt
from repartee.wiring import functions, stores
from tests.support.memory_handlers import read_payload
from tests.support.scenario_wiring import SECRETS, ScenarioWiring

STEADY_LATENCIES: dict[str, float] = {}


class PostedEvents:
    """The webhook, its workers and the stand-ins, on a clock that moves only when a thread waits."""

    def __init__(self, folder: Path, assistant: str = "office") -> None:
        self.parts = ScenarioWiring(folder, STEADY_LATENCIES, parallel=True, ASSISTANT=assistant)
        self.webhook = self.parts.get(functions.webhook)
        self.messages = self.parts.get(stores.messages)

    @property
    def prompts(self) -> list[Prompt]:
        """Returns what the model was asked, in order."""
        return self.parts.models.given

    def post(self, name: str, after: float = 0.0, **changes: Any) -> HttpResponse:
        """Posts a sample so many seconds later. `changes` are fields of the message."""
        self.parts.time.sleep(after)
        event = json.loads(read_payload(name))
        if name.startswith("telegram/"):
            return self._post_update(event, changes)
        return self._post_batch(event, changes)

    def answer(self) -> None:
        self.parts.answer_all_wakes()

    def telegram_calls(self, *methods: str) -> list[dict[str, Any]]:
        """The calls of these methods that reached Telegram, in order."""
        return [call for call in self.parts.telegram_standin.posts if call["method"] in methods]

    def shown_in(self, chat: int) -> list[dict[str, Any]]:
        """Returns what the assistant shows in a chat of Telegram."""
        messages = self.parts.telegram_standin.visible_chat(chat)["messages"]
        return [one for one in messages if one["bot"]]

    def _post_update(self, update: dict[str, Any], changes: dict[str, Any]) -> HttpResponse:
        for kind in ("message", "edited_message"):
            if kind in update:
                update[kind] |= {"date": int(self.parts.clock()), **changes}
                said = telegram_samples.to_standin_message(update[kind])
                self.parts.telegram_standin.add_person_message(**said)
        headers = {"x-telegram-bot-api-secret-token": SECRETS["TELEGRAM_WEBHOOK_SECRET"]}
        return self._handle("/telegram/webhook", json.dumps(update).encode(), headers)

    def _post_batch(self, batch: dict[str, Any], changes: dict[str, Any]) -> HttpResponse:
        value = batch["entry"][0]["changes"][0]["value"]
        for message in value.get("messages", ()):  # a status has none
            message |= {"timestamp": str(int(self.parts.clock())), **changes}
        for said in whatsapp_samples.extract_said(batch).get("heard", ()):
            files = said.pop("files")
            self.parts.whatsapp_standin.add_person_message(**said)
            for media, (mime, _) in files.items():
                self.parts.whatsapp_standin.store_media(media, mime, b"\xff\xd8\xff" + b"0" * 100)
        body = json.dumps(batch).encode()
        headers = {"x-hub-signature-256": sign_body(SECRETS["WHATSAPP_APP_SECRET"], body)}
        return self._handle("/whatsapp/webhook", body, headers)

    def _handle(self, path: str, body: bytes, headers: dict[str, str]) -> HttpResponse:
        now = self.parts.clock()
        return self.webhook.handle_request(HttpRequest("POST", path, headers, body, now, f"request-{now}"))
