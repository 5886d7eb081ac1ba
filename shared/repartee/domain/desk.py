"""The configuration of a service desk: one for each number, bot, page or channel that customers write to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from typing import Literal, get_args
from urllib.parse import urlsplit

import msgspec

from repartee.domain.budget import UsageLimit
from repartee.domain.message import is_shared_room, workspace_of
from repartee.domain.opening_hours import OpeningHours
from repartee.domain.public_address import is_public_host

RuledReason = Literal[
    "emergency", "topic", "asked", "legal", "money_back", "mood", "no_help", "budget", "unreadable_file"
]
"""The reasons for calling a person that rules decide on: the customer is in danger; a topic on the list; they
ask for a person, threaten with law, want money back, are angry; answers did not help; the budget is used up;
a file cannot be read."""

RULED_REASONS: tuple[RuledReason, ...] = get_args(RuledReason)
"""All of them, the most urgent first: of several the first one is given."""

WebhookEvent = Literal["message.received", "reply.sent", "escalated", "taken", "resolved", "rated"]
WEBHOOK_EVENTS: tuple[WebhookEvent, ...] = get_args(WebhookEvent)

NUMBER_ID = re.compile(r"whatsapp:\d+|telegram(:-\d+)?|web|slack:[A-Z0-9]+(:[A-Z0-9]+)?", re.ASCII)
"""The form of what a desk is for: `whatsapp:<phone number id>`, `telegram` or a group of it, `web`, a
workspace of Slack or a channel in it."""

TEAM_ROOM = re.compile(r"slack:[A-Z0-9]+:[A-Z0-9]+|telegram:-\d+", re.ASCII)
"""The form of where a team sits: a Slack channel or a Telegram group."""

NAMESPACE = re.compile(r"[a-z0-9][a-z0-9-]{0,44}", re.ASCII)

MAX_UNHELPED_ANSWERS = 6
"""The most answers without help after which a person may be called: the conversation that is kept has
twelve."""

MAX_WEBHOOKS = 5
"""The most addresses to which a desk's events are sent: a turn keeps an item for each."""

MAX_CONFIG_BYTES = 32 * 1024
"""Bytes of a configuration as it is kept."""


class EscalationRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a person is called. `reasons` are those that count, all if none are named; after
    `unhelped_answers` answers in a row that did not help; `topics` are words by topic, of which one is
    enough. If no member takes it within `remind_minutes`, the team is reminded, then the next."""

    reasons: tuple[RuledReason, ...] = RULED_REASONS
    unhelped_answers: int = 2
    topics: dict[str, tuple[str, ...]] = {}
    remind_minutes: int = 10


class DeskWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where events are sent. `secret` is the name of the signing key among the secrets, never the key.
    `name` is by what the receiver is known when its address changes. With `texts` the events have the words
    of messages. What is not set is not stored: versions before know neither `name` nor `texts`."""

    url: str
    secret: str
    events: tuple[WebhookEvent, ...] = WEBHOOK_EVENTS
    name: str = ""
    texts: bool = False

    @property
    def endpoint_id(self) -> str:
        """Returns the id of the receiver, by which its events wait."""
        return sha256((self.name or self.url).encode()).hexdigest()[:12]


class DeskConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How customers are answered at a `number`. `name` is the business, `persona` how it speaks, `languages`
    those that it answers in (all if none), `answers` says what may be answered. `knowledge` is the namespace
    of its documents. `team` are the rooms where people are called, in the order in which they are. `checks`:
    a number or address that stands in no source is not said. `budget` is for a day."""

    number: str
    name: str
    persona: str = ""
    languages: tuple[str, ...] = ()
    knowledge: str = ""
    answers: str = ""
    team: tuple[str, ...] = ()
    hours: OpeningHours = OpeningHours()
    escalation: EscalationRules = EscalationRules()
    webhooks: tuple[DeskWebhook, ...] = ()
    budget: UsageLimit = UsageLimit()
    checks: bool = True


class DeskConfigError(ValueError):
    """A configuration that must not be used. `problems` are sentences, each with its place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def parse_desk_config(toml: bytes, languages: Collection[str]) -> DeskConfig:
    """Returns the configuration in the file's content. `languages` are those that the product speaks. Raises
    `DeskConfigError` with all that is wrong."""
    try:
        config = msgspec.toml.decode(toml, type=DeskConfig)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise DeskConfigError([str(error).replace(" - at `$.", " - at `")]) from None
    if problems := list_problems(config, languages):
        raise DeskConfigError(problems)
    return config


def list_problems(config: DeskConfig, languages: Collection[str]) -> list[str]:
    """Returns what is wrong with the configuration, each with its place; empty if it may be used."""
    return [
        *_number_problems(config, languages),
        *_team_problems(config),
        *config.hours.list_problems(),
        *_escalation_problems(config.escalation),
        *_webhooks_problems(config.webhooks),
        *_budget_problems(config.budget),
        *_size_problems(config),
    ]


def desk_numbers(room: str) -> tuple[str, ...]:
    """Returns what a desk of this room may be configured for, the narrowest first."""
    shared = (room,) if is_shared_room(room) else ()
    return tuple(dict.fromkeys((*shared, workspace_of(room), room.partition(":")[0])))


def _number_problems(config: DeskConfig, languages: Collection[str]) -> Iterator[str]:
    if not NUMBER_ID.fullmatch(config.number):
        yield (
            f'number: "{config.number}" is none; write "whatsapp:<phone number id>", "telegram", "web", or '
            '"slack:<workspace>:<channel>"'
        )
    if not config.name.strip():
        yield "name: it is empty; write the name of the business"
    if config.knowledge and not NAMESPACE.fullmatch(config.knowledge):
        yield f'knowledge: "{config.knowledge}" is no namespace; write small letters, digits and hyphens'
    yield from (
        f'languages: there is no "{language}"; there are {", ".join(languages)}'
        for language in config.languages
        if language not in languages
    )


def _team_problems(config: DeskConfig) -> Iterator[str]:
    for room in config.team:
        if not TEAM_ROOM.fullmatch(room):
            yield f'team: "{room}" is no room; write "slack:<workspace>:<channel>" or "telegram:<group>"'
        elif room in desk_numbers(config.number):
            yield f"team: {room} is where customers write: the team would read and answer in their room"


def _escalation_problems(rules: EscalationRules) -> Iterator[str]:
    if not 1 <= rules.unhelped_answers <= MAX_UNHELPED_ANSWERS:
        yield f"escalation.unhelped_answers: it must be from 1 to {MAX_UNHELPED_ANSWERS}"
    if not 1 <= rules.remind_minutes <= 24 * 60:
        yield "escalation.remind_minutes: it must be from 1 to 1440"
    for topic, words in rules.topics.items():
        if not words or not all(word.strip() for word in words):
            yield f"escalation.topics.{topic}: it has no words, or an empty one"


def _webhooks_problems(webhooks: Sequence[DeskWebhook]) -> Iterator[str]:
    if len(webhooks) > MAX_WEBHOOKS:
        yield f"webhooks: there are {len(webhooks)}; {MAX_WEBHOOKS} are possible"
    if len({one.endpoint_id for one in webhooks}) < len(webhooks):
        yield "webhooks: two have the same name or address; give each a name of its own"
    for webhook in webhooks:
        yield from _webhook_problems(webhook)


def _webhook_problems(webhook: DeskWebhook) -> Iterator[str]:
    try:
        address = urlsplit(webhook.url)
        is_written_right = address.scheme == "https" and address.hostname and not address.username
        is_written_right = is_written_right and address.port != 0
    except ValueError:
        is_written_right = False
    if not is_written_right:
        yield f'webhooks: "{webhook.url}" is no address; write "https://service.example.com/path"'
    elif not is_public_host(address.hostname or ""):
        yield f"webhooks: {webhook.url} is in a private network; events are sent to public addresses alone"
    if not webhook.secret.strip():
        yield "webhooks: a secret has no name"
    if not webhook.events:
        yield f"webhooks: {webhook.url} is sent no events"


def _budget_problems(budget: UsageLimit) -> Iterator[str]:
    if budget.max_tokens < 0 or budget.max_cost_usd < 0:
        yield "budget: it must not be negative; 0 is no limit"


def _size_problems(config: DeskConfig) -> Iterator[str]:
    size = len(msgspec.json.encode(config))
    if size > MAX_CONFIG_BYTES:
        yield f"the configuration has {size} bytes; {MAX_CONFIG_BYTES} are kept"
