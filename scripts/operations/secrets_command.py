"""The command scripts/secrets: which secrets are set, and a new value in the place of one."""

from __future__ import annotations

import argparse
import base64
import getpass
import json
import re
import secrets as random_secrets
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, MissingPart
from repartee.outbox.rendering import KEY_PREFIX
from repartee.setting_types import Setting
from repartee.settings import Settings

DESCRIPTION = """Shows which secrets of a deployed stack are set, or rotates one of them.

show prints each secret with its first and last characters at the most; with --whole, and the name of one, all
of it. rotate asks for the new value, or reads it from standard input; a secret that nobody gives out, such as
TELEGRAM_WEBHOOK_SECRET, is made up where none is given; so is a key that signs a desk's events, under the
name that the desk's configuration has for it. The value before is accepted beside the new one for as many
hours as SECRETS_OVERLAP_HOURS says. docs/operations.md tells the order for each secret.
"""

MADE_UP = ("TELEGRAM_WEBHOOK_SECRET", "WHATSAPP_VERIFY_TOKEN", "PII_KEY", "RECORDINGS_KEY")
"""Secrets that nobody gives out: a value is made where none is given."""

MADE_UP_BYTES = 32

SHOWN_CHARS = 2
"""Characters at either end that are shown of a secret."""

MIN_SHOWN_CHARS = 16
"""Characters from which a secret has ends that are shown."""

DEFAULT_OVERLAP_HOURS = Settings.secrets_overlap_hours.default

SECRET_NAMES = tuple(
    sorted(one.name for one in vars(Settings).values() if isinstance(one, Setting) and one.secret)
)


WEBHOOK_KEY_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
"""The form of names of keys that sign desks' events: those of settings are written in capitals."""


class TooSoon(Exception):
    """Another secret is still being rotated: a further change would end its overlap."""


def main(
    arguments: list[str] | None = None,
    print_line: Callable[[str], None] = print,
    ask: Callable[[str], str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Run the command; the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.act == "show" and asked.whole and not asked.name:
        parser.error("--whole prints one secret: name it")
    try:
        stack = deployed_stack.find_stack(asked)
        document = SecretsDocument(stack.make_client("secretsmanager"), stack.stack_output("SecretsId"))
        if asked.act == "show":
            for line in _show_lines(document, asked, now()):
                print_line(line)
        else:
            print_line(_rotate(document, asked, ask or _ask_for_value, now()))
    except (MissingPart, TooSoon, *AWS_ERRORS) as problem:
        print(f"scripts/secrets: {problem}", file=sys.stderr)
        return 1
    return 0


class SecretsDocument:
    """The document of all secrets in Secrets Manager."""

    def __init__(self, client: Any, secrets_id: str) -> None:
        self._client, self._id = client, secrets_id

    def read(self) -> tuple[dict[str, str], datetime]:
        """Returns the secrets by their names, and when this version of them was made."""
        answer = self._client.get_secret_value(SecretId=self._id)
        return dict(json.loads(answer["SecretString"])), answer["CreatedDate"].astimezone(UTC)

    def write(self, values: Mapping[str, str]) -> None:
        self._client.put_secret_value(SecretId=self._id, SecretString=json.dumps(values))

    def has_previous(self) -> bool:
        """Returns whether there is a version before the current one."""
        stages = self._client.describe_secret(SecretId=self._id).get("VersionIdsToStages", {})
        return any("AWSPREVIOUS" in names for names in stages.values())


def mask(value: str) -> str:
    """Returns the secret so that its owner knows it again, and nobody else learns it."""
    if not value:
        return "(not set)"
    if len(value) < MIN_SHOWN_CHARS:
        return f"… ({len(value)} characters)"
    return f"{value[:SHOWN_CHARS]}…{value[-SHOWN_CHARS:]} ({len(value)} characters)"


def _show_lines(document: SecretsDocument, asked: argparse.Namespace, now: datetime) -> list[str]:
    values, created = document.read()
    own = sorted(name for name in values if WEBHOOK_KEY_NAME.fullmatch(name))
    names = [asked.name] if asked.name else [name for name in (*SECRET_NAMES, *own) if values.get(name)]
    if asked.whole:
        return [values.get(asked.name, "")]
    ends = created + timedelta(hours=asked.overlap_hours)
    overlap = f"until {ends:%Y-%m-%d %H:%M} UTC" if document.has_previous() and ends > now else "no longer"
    head = f"last changed {created:%Y-%m-%d %H:%M} UTC; the values before are accepted {overlap}"
    return [head, *(f"{name}: {mask(values.get(name, ''))}" for name in names)]


def _rotate(
    document: SecretsDocument, asked: argparse.Namespace, ask: Callable[[str], str], now: datetime
) -> str:
    values, created = document.read()
    ends = created + timedelta(hours=asked.overlap_hours)
    if document.has_previous() and now < ends and not asked.force:
        raise TooSoon(
            f"the last change is less than {asked.overlap_hours} hours old, and its previous value would be "
            f"refused from now on. Wait until {ends:%Y-%m-%d %H:%M} UTC, or say --force"
        )
    value = ask(asked.name).strip()
    if not value:
        value = _make_up(asked.name)
    if not value or value == values.get(asked.name):
        raise MissingPart(f"{asked.name} needs a new value: nothing was changed")
    document.write({**values, asked.name: value})
    until = now + timedelta(hours=asked.overlap_hours)
    return f"{asked.name}: {mask(value)}; the value before is accepted until {until:%Y-%m-%d %H:%M} UTC"


def _make_up(name: str) -> str:
    """Returns a value of a secret that nobody gives out; empty for others."""
    if WEBHOOK_KEY_NAME.fullmatch(name):
        return KEY_PREFIX + base64.b64encode(random_secrets.token_bytes(MADE_UP_BYTES)).decode()
    return random_secrets.token_hex(MADE_UP_BYTES) if name in MADE_UP else ""


def _parse_name(text: str) -> str:
    """Returns the name of a secret. Raises ArgumentTypeError, which argparse prints."""
    if text in SECRET_NAMES or WEBHOOK_KEY_NAME.fullmatch(text):
        return text
    names = ", ".join(SECRET_NAMES)
    raise argparse.ArgumentTypeError(
        f"{text} is no secret: there are {names}, and keys that sign desks' events, in small letters"
    )


def _ask_for_value(name: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"New value of {name}: ")
    return sys.stdin.readline()


def _parser() -> argparse.ArgumentParser:
    parser = deployed_stack.make_parser("scripts/secrets", DESCRIPTION)
    parser.add_argument(
        "--overlap-hours",
        type=int,
        default=DEFAULT_OVERLAP_HOURS,
        metavar="N",
        help="SECRETS_OVERLAP_HOURS of the stack (%(default)s)",
    )
    acts = parser.add_subparsers(dest="act", required=True)
    show = acts.add_parser("show", help="says which secrets are set, without telling them")
    show.add_argument("name", nargs="?", type=_parse_name, metavar="NAME")
    show.add_argument("--whole", action="store_true", help="prints the named secret, all of it")
    rotate = acts.add_parser("rotate", help="puts a new value in the place of a secret")
    rotate.add_argument("name", type=_parse_name, metavar="NAME")
    rotate.add_argument("--force", action="store_true", help="although another rotation is under way")
    return parser


if __name__ == "__main__":
    sys.exit(main())
