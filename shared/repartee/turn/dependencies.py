"""The dependencies of turns: an assistant, what it has to do besides, and what they work with."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from threading import Thread

import msgspec

from repartee.domain.budget import Budget
from repartee.domain.desk_event import EventBatch
from repartee.domain.handover import Handover
from repartee.domain.message import Exchange
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from repartee.domain.redactor import RedactorFactory, no_redaction
from repartee.domain.usage import Usage, UsageTotal, sum_tokens
from repartee.plan import Pool
from repartee.ports import Inbox, LanguageModel, Records, Wakes
from repartee.ports.logging import Logger
from repartee.turn.lease import Clock


def run_in_thread(work: Callable[[], None]) -> None:
    """Runs it beside the turn. Where no thread can be started it is left out."""
    with suppress(RuntimeError):
        Thread(target=work, name="beside", daemon=True).start()


CollectEvents = Callable[[Exchange, Callable[[], Handover] | None], Sequence[EventBatch]]
"""Returns the events of an exchange for the receivers of its desk. It may ask for the latest hand-over."""


def collect_no_events(
    exchange: Exchange, read_handover: Callable[[], Handover] | None
) -> Sequence[EventBatch]:
    """Returns none: there is no desk."""
    return ()


NoteTemplateSent = Callable[[str, float], object]
"""Notes when a customer was asked, by the approved template, to write again: the chat, and seconds since the
epoch."""


def note_no_template(chat: str, at: float) -> None:
    """Notes nothing: no person takes a conversation over."""


class TurnDependencies(msgspec.Struct, frozen=True):
    """The objects that turns work with. `model_backend` is how errors name the model's."""

    inbox: Inbox
    records: Records
    wakes: Wakes
    model: LanguageModel
    pool: Pool
    clock: Clock
    new_id: Callable[[], str]
    logger: Logger
    model_backend: str = "openai"
    monotonic: Clock = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform
    run_in_background: Callable[[Callable[[], None]], None] = run_in_thread
    redactor_for: RedactorFactory = no_redaction
    budget: Budget = Budget()
    prompt_tokens: int = DEFAULT_PROMPT_TOKENS
    price_usage: Callable[[Iterable[Usage]], UsageTotal] = sum_tokens
    quiet_seconds: Mapping[str, float] = {}
    version: str = ""
    keeps_turn_records: bool = False
    collect_events: CollectEvents = collect_no_events
    note_template_sent: NoteTemplateSent = note_no_template
