"""What turns are made of: an assistant, what it has to do besides, and what they work with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from repartee.domain.budget import Budget
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from repartee.domain.redactor import RedactorFactory, no_redaction
from repartee.domain.usage import Usage, UsageTotal, sum_tokens
from repartee.plan import Pool
from repartee.ports import Inbox, LanguageModel, Records, Wakes
from repartee.ports.logging import Logger
from repartee.turn.lease import Clock


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
    prompt_tokens: int = DEFAULT_PROMPT_TOKENS
    price_usage: Callable[[Iterable[Usage]], UsageTotal] = sum_tokens
    quiet_seconds: Mapping[str, float] = {}
