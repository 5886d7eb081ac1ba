"""scripts/event: a sample event, freshly signed, as the Lambda receives it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from local.sample_events import samples
from local.stack import APP_SECRET, SIGNING_SECRET, WEBHOOK_SECRET
from support.suggestions import CommandParser

DESCRIPTION = """\
Prints a sample event, freshly signed and wrapped as the Lambda receives it, for `sam local invoke … -e -`.
With --post it sends the event over HTTP instead, as the platform would, for example to scripts/serve.
SLACK_SIGNING_SECRET, TELEGRAM_WEBHOOK_SECRET or WHATSAPP_APP_SECRET is the secret; without it, that of the
local stack. What web clients post has the bearer token WEB_TOKEN, or one that the server it is sent to gives.
"""
SECRET_SETTINGS = {
    "slack": ("SLACK_SIGNING_SECRET", SIGNING_SECRET),
    "telegram": ("TELEGRAM_WEBHOOK_SECRET", WEBHOOK_SECRET),
    "whatsapp": ("WHATSAPP_APP_SECRET", APP_SECRET),
}


def main() -> int:
    options = _parse_arguments()
    try:
        path = samples.find_event(options.name)
    except samples.EventMissing as problem:
        print(f"scripts/event: {problem}", file=sys.stderr)
        return 1
    if not samples.is_posted(path):
        print(path.read_text())
        return 0
    secret = _signing_secret(samples.platform_of(path), options.post)
    if secret is None:
        return 1
    now = time.time()
    posted = samples.build_request(path, now, secret, lambda: uuid.uuid4().hex, options.say, options.thread)
    if options.post:
        return _post_event(posted, options.post)
    wrapped = posted.as_lambda_event(now, str(uuid.uuid4()), options.base64)
    print(json.dumps(wrapped, indent=2, ensure_ascii=False))
    return 0


def _signing_secret(platform: str, to: str) -> str | None:
    """Returns the secret that signs the platform's events. None if there is none, after telling the
    person."""
    if platform != "web":
        setting, otherwise = SECRET_SETTINGS[platform]
        return os.environ.get(setting) or otherwise
    if token := os.environ.get("WEB_TOKEN"):
        return token
    if not to:
        print(
            "scripts/event: the web wants a token: set WEB_TOKEN, or --post it to scripts/serve",
            file=sys.stderr,
        )
        return None
    try:
        with urllib.request.urlopen(f"{to.rstrip('/')}/issuer/token?sub=ada", timeout=10) as answer:
            return str(answer.read().decode())
    except OSError as problem:
        print(f"scripts/event: {to} gives no token, so set WEB_TOKEN ({problem})", file=sys.stderr)
        return None


def _post_event(posted: samples.PostedRequest, to: str) -> int:
    url = f"{to.rstrip('/')}{posted.path}?{urllib.parse.urlencode(posted.query)}".rstrip("?")
    body = posted.body if posted.method == "POST" else None
    request = urllib.request.Request(url, body, dict(posted.headers), method=posted.method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            print(answer.status, answer.read().decode())
            return 0
    except urllib.error.HTTPError as refusal:
        print(refusal.code, refusal.read().decode())
    except OSError as problem:
        print(f"scripts/event: nothing answers at {to} ({problem})", file=sys.stderr)
    return 1


def _parse_arguments() -> argparse.Namespace:
    parser = CommandParser(prog="scripts/event", description=DESCRIPTION)
    parser.add_argument("name", help="a sample event (app_mention, slack/mute, sqs/wake …) or a file")
    parser.add_argument("--say", default="", metavar="TEXT", help="what the person says instead")
    parser.add_argument("--thread", default="", metavar="TS", help="the thread in which it is said")
    parser.add_argument("--base64", action="store_true", help="with the body in base64, as it may come")
    parser.add_argument("--post", default="", metavar="URL", help="send it there, as the platform would")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
