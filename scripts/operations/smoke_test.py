"""Sends a signed and an unsigned event to the deployed webhook: the last step of scripts/deploy."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping

from local.sample_events import samples
from operations.deployed_stack import DeployedStack

SIGNING_SECRET_SETTING = "SLACK_SIGNING_SECRET"


class SmokeTestFailed(Exception):
    """The deployed webhook does not answer as it must; the text says where to look."""


def run_smoke_test(stack: DeployedStack) -> str:
    """Returns whether the webhook answers, in a sentence. Raises `Broken`, and `Missing` where there is no
    stack.

    Slack's handshake is what is posted: it is verified like every event, and leaves nothing behind.
    """
    url = stack.stack_output("ApiUrl") + "/slack/events"
    secret = _read_secret(stack)
    if not secret:
        secrets_id = stack.stack_output("SecretsId")
        return (
            f"Nothing was tried: put the secrets into {secrets_id}, with {SIGNING_SECRET_SETTING} among them."
        )
    path = samples.find_event("slack/url_verification")
    posted = samples.build_request(path, time.time(), secret, lambda: uuid.uuid4().hex)
    challenge = json.loads(posted.body)["challenge"]
    status, answer = _post_event(url, posted.body, posted.headers)
    if status != 200 or challenge not in answer:
        raise SmokeTestFailed(f"{url} answered a signed event with {status} {answer}; scripts/tail shows why")
    status, _ = _post_event(url, posted.body, {**posted.headers, "X-Slack-Signature": "v0=none"})
    if status != 401:
        raise SmokeTestFailed(f"{url} answered an unsigned event with {status}")
    return f"{url} answers what is signed, and refuses what is not."


def _read_secret(stack: DeployedStack) -> str:
    answer = stack.make_client("secretsmanager").get_secret_value(SecretId=stack.stack_output("SecretsId"))
    return str(json.loads(answer["SecretString"]).get(SIGNING_SECRET_SETTING, ""))


def _post_event(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    request = urllib.request.Request(url, body, dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
