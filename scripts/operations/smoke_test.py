"""Tries the deployed webhook, channel by channel: the last step of scripts/deploy."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from local.sample_events import samples
from operations.deployed_stack import DeployedStack
from operations.stack_settings import read_secrets_document

SLACK, TELEGRAM = "SLACK_SIGNING_SECRET", "TELEGRAM_WEBHOOK_SECRET"
WHATSAPP = "WHATSAPP_VERIFY_TOKEN"
TELEGRAM_HEADER = "X-Telegram-Bot-Api-Secret-Token"
CHALLENGE_NUMBER = 1158201444


class SmokeTestFailed(Exception):
    """The deployed webhook does not answer as it must; the text says where to look."""


def run_smoke_test(stack: DeployedStack) -> str:
    """Returns what was tried of each channel that has its secrets, in sentences. Raises SmokeTestFailed, and
    MissingPart where there is no stack. What is posted leaves nothing behind."""
    url, known = stack.stack_output("ApiUrl"), read_secrets_document(stack)
    trials = {SLACK: _try_slack, TELEGRAM: _try_telegram, WHATSAPP: _try_whatsapp}
    found = [trial(url, known[name]) for name, trial in trials.items() if known.get(name)]
    if not found:
        secrets_id = stack.stack_output("SecretsId")
        return f"Nothing was tried: put the secrets into {secrets_id}, with {SLACK} among them."
    return "\n".join(found)


def _try_slack(base: str, secret: str) -> str:
    """Posts Slack's handshake, which is verified like every event."""
    url = f"{base}/slack/events"
    path = samples.find_event("slack/url_verification")
    posted = samples.build_request(path, time.time(), secret, lambda: uuid.uuid4().hex)
    challenge = json.loads(posted.body)["challenge"]
    _expect(url, "a signed event", call(url, posted.body, posted.headers), 200, challenge)
    unsigned = {**posted.headers, "X-Slack-Signature": "v0=none"}
    _expect(url, "an unsigned event", call(url, posted.body, unsigned), 401)
    return f"{url} answers what is signed, and refuses what is not."


def _try_telegram(base: str, secret: str) -> str:
    """Posts a kind of update that nobody asked for, which is acknowledged and does nothing."""
    url = f"{base}/telegram/webhook"
    body = json.dumps({"update_id": 1, "poll_answer": {"poll_id": "1", "option_ids": []}}).encode()
    typed = {"Content-Type": "application/json"}
    _expect(url, "an update with the secret", call(url, body, {**typed, TELEGRAM_HEADER: secret}), 200)
    _expect(url, "an update without it", call(url, body, typed), 401)
    return f"{url} answers Telegram, and refuses others."


def _try_whatsapp(base: str, token: str) -> str:
    """Asks as Meta does when it subscribes."""
    url = f"{base}/whatsapp/webhook"
    asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": CHALLENGE_NUMBER}
    right, wrong = (urlencode({**asked, "hub.verify_token": word}) for word in (token, f"{token}x"))
    _expect(url, "Meta's word", call(f"{url}?{right}"), 200, str(CHALLENGE_NUMBER))
    _expect(url, "another word", call(f"{url}?{wrong}"), 403)
    return f"{url} answers Meta's word, and refuses others."


def _expect(url: str, what: str, answer: tuple[int, str], status: int, text: str = "") -> None:
    if answer[0] != status or text not in answer[1]:
        found = f"{answer[0]} {answer[1]}"
        raise SmokeTestFailed(f"{url} answered {what} with {found}; scripts/tail shows why")


def call(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Returns status and text of an answer. Raises OSError where there is none."""
    request = urllib.request.Request(url, body, dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
