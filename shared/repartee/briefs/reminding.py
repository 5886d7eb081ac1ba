"""Says reminders at their time: each once, also after a crash.

A wake of its own comes when a reminder is due. The schedule sends it some minutes before, and again as long
as the reminder was not said; who says it claims the run of that time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from repartee.briefs.metrics import reminder_line
from repartee.briefs.saying import ChatSpeaker
from repartee.domain.brief import BRIEF_SHARDS
from repartee.domain.brief_run import RunHeld, RunStatus
from repartee.domain.engagement import Engagement
from repartee.domain.reminder import ARMED_AHEAD_SECONDS, Reminder, ReminderWake
from repartee.domain.schedule import find_next_moment
from repartee.domain.timezones import find_timezone
from repartee.errors import BackendError, InvalidArgument, LeaseLost, NotFound, PermissionDenied, log_fields
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.plan import NamedCall, Pool, settle
from repartee.ports.briefs import BriefRuns, BriefStore
from repartee.ports.logging import Logger
from repartee.ports.metrics import EmitMetrics
from repartee.ports.reminders import ReminderQueue, ReminderStore

CLAIM_MARGIN_SECONDS = 2.0
"""Seconds after the end of the invocation at which another worker may claim the run."""

EARLY_SECONDS = 1.0
"""Seconds before its time at which a reminder may be said: clocks differ."""

SHARD_TIMEOUT_SECONDS = 10.0
"""Seconds in which the reminders of one shard are read and their wakes sent."""


class ReminderArmer:
    """Sends the wakes of the reminders that are due soon, or were missed."""

    def __init__(
        self, store: ReminderStore, queue: ReminderQueue, pool: Pool, clock: Callable[[], float]
    ) -> None:
        self._store, self._queue, self._pool, self._clock = store, queue, pool, clock

    def arm_due(self, *, parallel: bool = True) -> tuple[int, int]:
        """Sends them, and returns how many there were, and how many shards could not be served."""
        calls = [NamedCall(lambda shard=shard: self._arm_shard(shard)) for shard in range(BRIEF_SHARDS)]  # type: ignore[misc]
        outcomes = settle(
            calls,
            pool=self._pool,
            timeout=SHARD_TIMEOUT_SECONDS,
            max_concurrency=None if parallel else 1,
        )
        return sum(one.value for one in outcomes if not one.error), sum(1 for one in outcomes if one.error)

    def _arm_shard(self, shard: int) -> int:
        now = self._clock()
        due = self._store.list_due(shard, now + ARMED_AHEAD_SECONDS)
        if due:
            wakes = [ReminderWake(one.person, one.id, one.due_at) for one in due]
            self._queue.send_wakes(wakes, now)
        return len(due)


class ReminderTeller:
    """Says reminders that are due."""

    def __init__(
        self,
        store: ReminderStore,
        runs: BriefRuns,
        briefs: BriefStore,
        speaker: ChatSpeaker,
        queue: ReminderQueue,
        clock: Callable[[], float],
        logger: Logger,
        emit_metrics: EmitMetrics,
    ) -> None:
        self._store, self._runs, self._briefs, self._speaker = store, runs, briefs, speaker
        self._emit_metrics = emit_metrics
        self._queue, self._clock, self._logger = queue, clock, logger

    def say_all(self, wakes: Mapping[str, ReminderWake], until: float) -> list[str]:
        """Says the reminders, by the ids of their wakes' messages, and returns the ids of those that must
        come again."""
        return [id for id, wake in wakes.items() if not self._try_say(wake, until)]

    def _try_say(self, wake: ReminderWake, until: float) -> bool:
        self._logger.set_correlation_id(wake.job.turn_id)
        try:
            return self.say(wake, until)
        except LeaseLost:  # another worker goes on with it
            return True
        except Exception as failure:  # noqa: BLE001 - whatever it was, the wake must come back
            level = self._logger.warning if isinstance(failure, BackendError) else self._logger.error
            level("reminder_failed", run=wake.job.turn_id, **log_fields(failure))
            return False

    def say(self, wake: ReminderWake, until: float) -> bool:
        """Says the reminder. False where another worker is at it. Raises `BackendError` for what may work
        later."""
        reminder = self._store.find_reminder(wake.person, wake.reminder_id)
        now = self._clock()
        if reminder is None or reminder.due_at != wake.due_at:
            return True  # cancelled, changed, or said
        if now < reminder.due_at - EARLY_SECONDS:
            self._queue.send_wakes([wake], now)
            return True
        try:
            run = self._runs.claim(wake.job, now, until + CLAIM_MARGIN_SECONDS)
        except RunHeld:
            return False
        if run is not None:
            text = format_reminder(reminder)
            engaged = self._briefs.read_engagements([wake.person]).get(wake.person, Engagement())
            status: RunStatus = "delivered"
            try:
                last_seen = max(engaged.wrote_at, reminder.created_at)
                self._speaker.say(run, run.text or text, reminder.address, wake.job.turn_id, last_seen)
            except (PermissionDenied, InvalidArgument, NotFound) as refusal:
                self._logger.warning("reminder_refused", run=wake.job.turn_id, **log_fields(refusal))
                status = "failed"
            self._emit_metrics(reminder_line(self._clock() - reminder.due_at))
        self._store.advance(reminder, next_due_at(reminder, self._clock()))
        if run is not None:
            self._runs.finish(run, status)
        return True


def format_reminder(reminder: Reminder) -> str:
    """Returns what is said; with who ordered it, where that is another room."""
    language = reminder.address.language
    if reminder.asked_by:
        return translate(texts.REMINDER_FROM, language, who=reminder.asked_by, what=reminder.text)
    return translate(texts.REMINDER, language, what=reminder.text)


def next_due_at(reminder: Reminder, now: float) -> float:
    """Returns when a reminder is said after this time (epoch seconds), 0 for never again."""
    if reminder.schedule.period == "once":
        return 0.0
    zone = find_timezone(reminder.timezone) or UTC
    after = datetime.fromtimestamp(max(now, reminder.due_at), UTC)
    coming = find_next_moment(reminder.schedule, zone, after)
    return coming[1].timestamp() if coming else 0.0
