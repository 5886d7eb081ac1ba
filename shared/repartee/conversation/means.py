"""What turns are made of: an assistant, what it has to do besides, and what they work with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

from repartee.conversation.lease import Clock
from repartee.conversation.limits import Budget, UsageTotal, sum_tokens
from repartee.conversation.message import Exchange, Message
from repartee.conversation.prompt import Usage
from repartee.conversation.veil import RedactorFactory, no_redaction
from repartee.plan import Graph, Pool
from repartee.ports import Inbox, LanguageModel, Records, Wakes


class Assistant(msgspec.Struct, frozen=True):
    """An assistant: its plan, and the ports that go into it beside the turn's own.

    The turn's own are `turn` (its id), `asked` (the messages), `recent` (the exchanges that are not yet
    remembered), `sign`, which shows that an answer is on its way, `tell`, which shows what goes on, and
    `propose`, by which something is shown after the reply, to be approved.
    The plan's targets are `standing` and `prompt`, and, where it has them, `afterwards` (duties), `pictures`,
    which go with the reply, and `heard`: the messages as they are to be remembered, where somebody spoke
    instead of writing.

    `decided` carries out what a person decided, and gives the words that tell so; it may be called again for
    the same press, and must then tell the same. `remember` keeps of an exchange what the messages store
    does not; it may be called again too.
    """

    name: str
    graph: Graph
    ports: Mapping[str, Any]
    resolve_press: Callable[[Message], str] | None = None
    on_exchange: Callable[[Exchange], None] | None = None


class PostReplyTask(msgspec.Struct, frozen=True):
    """Something to be done once the reply has been written, because the reply says so. It may be done again
    after a crash. `failed` is what the person is told if it cannot be done."""

    name: str
    run: Callable[[], object]
    failure_message: str


class TurnDependencies(msgspec.Struct, frozen=True):
    """What turns work with."""

    inbox: Inbox
    records: Records
    wakes: Wakes
    model: LanguageModel
    pool: Pool
    clock: Clock
    new_id: Callable[[], str]
    logger: Logger
    monotonic: Clock = time.monotonic
    redactor_for: RedactorFactory = no_redaction
    budget: Budget = Budget()
    price_usage: Callable[[Iterable[Usage]], UsageTotal] = sum_tokens
