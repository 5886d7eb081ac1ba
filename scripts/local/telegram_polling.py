"""Telegram's getUpdates for scripts/serve: updates are fetched, so no public address is needed.

Each update goes to the webhook as Telegram would post it. The next ones are asked for when it is stored; what
was not is fetched again, and what comes twice is one message.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local.sample_events.samples import PostedRequest
from repartee.operations.telegram_calls import ALLOWED_UPDATES, WEBHOOK_PATH, call_telegram

Deliver = Callable[[PostedRequest], Mapping[str, Any]]

POLL_SECONDS = 5
"""Seconds that Telegram holds a call without an update, well below the timeout of a call."""

RETRY_SECONDS = 2.0
"""Seconds until a failed call, or an update that was not stored, is tried again."""

FIRST_REFUSED_STATUS = 300


class PollingRefused(Exception):
    """Telegram hands out no updates; the text says why and what to do."""


class TelegramPolling:
    """Fetches the updates of a bot that has no webhook."""

    def __init__(
        self, api_url: str, token: str, secret: str, deliver: Deliver, stopping: threading.Event
    ) -> None:
        self._api_url, self._token, self._secret = api_url, token, secret
        self._deliver, self._stopping = deliver, stopping
        self._offset = 0

    def run(self) -> None:
        """Fetches until it is told to stop. Raises PollingRefused."""
        self.check_webhook()
        while not self._stopping.is_set():
            if not self.poll_once():
                self._stopping.wait(RETRY_SECONDS)

    def check_webhook(self) -> None:
        """Raises PollingRefused where a webhook is set, which would lose its updates, or the token is
        wrong."""
        try:
            answer = self._call("getWebhookInfo", {})
        except OSError:
            return  # no network yet: polling tries again
        if not answer.get("ok"):
            raise PollingRefused(f"Telegram refuses the token: {answer.get('description', 'no answer')}")
        if answer["result"].get("url"):
            raise PollingRefused(
                "the bot has a webhook, so nothing is fetched here: make a bot of your own for trials"
            )

    def poll_once(self) -> bool:
        """Fetches and delivers what is new. Returns False if that is to be tried again later."""
        arguments = {
            "offset": self._offset,
            "timeout": POLL_SECONDS,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        try:
            answer = self._call("getUpdates", arguments)
        except OSError:
            return False
        return bool(answer.get("ok")) and all(self._deliver_updates(answer["result"]))

    def _deliver_updates(self, updates: list[dict[str, Any]]) -> Iterator[bool]:
        """Yields whether each was stored, in order, up to the first that was not."""
        for update in updates:
            answer = self._deliver(build_request(update, self._secret))
            if answer["statusCode"] >= FIRST_REFUSED_STATUS:
                yield False
                return
            self._offset = update["update_id"] + 1
            self._carry_out(str(answer.get("body") or ""))
            yield True

    def _carry_out(self, body: str) -> None:
        """Makes the call that a webhook's answer asks for."""
        call = json.loads(body) if body.startswith("{") else {}
        if method := call.pop("method", ""):
            try:
                self._call(method, call)
            except OSError:
                return  # a sign to the person, whose loss costs no answer

    def _call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return call_telegram(self._api_url, self._token, method, arguments).body


def build_request(update: Mapping[str, Any], secret: str) -> PostedRequest:
    """Returns the request that Telegram would post."""
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
    return PostedRequest(WEBHOOK_PATH, headers, json.dumps(update).encode())
