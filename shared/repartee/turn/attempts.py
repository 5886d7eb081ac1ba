"""One attempt at a turn, and what follows from its failure: it waits, is tried again, or is given up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import msgspec

from repartee.domain.control import ChatHandedOver
from repartee.domain.message import Exchange
from repartee.errors import (
    BackendError,
    InvalidArgument,
    LeaseLost,
    PermissionDenied,
    describe_error,
    log_fields,
)
from repartee.ports import OutageState
from repartee.turn.backend_guard import BackendGuard
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.failures import (
    ANNOUNCE_AFTER_SECONDS,
    MAX_KNOWN_OUTAGE_WAIT_SECONDS,
    MAX_OUTAGE_SECONDS,
    MIN_RESERVE_WAIT_SECONDS,
    KnownOutage,
    find_cause,
    is_passing,
    is_permanent,
    wait_seconds,
)
from repartee.turn.lease import Lease
from repartee.turn.relay import RelayTurn
from repartee.turn.turn import MAX_TURN_ATTEMPTS, Turn

AnyTurn = Turn | RelayTurn
RETRY_DELAYS_SECONDS = (2.0, 10.0, 30.0)
"""Seconds until a failed turn is tried again, by the attempts it has had."""

MAX_LOST_WORKERS = 8
"""Workers that a turn may lose before its messages are given up: they may be what kills."""

PAUSES_SECONDS = (0.0, 0.0, 10.0, 30.0, 60.0, 120.0, 240.0)
"""Seconds until a turn goes on that has lost workers, by how many: two may be lost by chance."""

MAX_LOST_APOLOGIES = 3
"""Workers that a turn which is given up may lose as they apologise. Then it ends without a word."""

NOTE_PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries to write what was said, while the lease is held: in all less than that lasts."""


class RetryLater(Exception):
    """The turn failed, and its wake should come back after `seconds`. `is_woken`: another wake of the chat
    comes then by itself."""

    def __init__(self, seconds: float, is_woken: bool = False) -> None:
        super().__init__(f"again after {seconds:g} s")
        self.seconds, self.is_woken = seconds, is_woken


class TurnAttempts:
    """Makes attempts at turns. `refresh_credentials` is called when credentials were not accepted."""

    def __init__(self, dependencies: TurnDependencies, refresh_credentials: Callable[[], object]) -> None:
        self._dependencies, self._refresh_credentials = dependencies, refresh_credentials

    def attempt_turn(self, turn: AnyTurn, lease: Lease, guard: BackendGuard) -> Exchange:
        """Runs the turn, and returns its exchange. Raises `RetryLater` when it is to be tried again. The
        `guard` is told how model and platform did."""
        is_delivered = lease.phase == "delivered"
        try:
            if lease.outage.given_up:
                can_apologize = lease.lost_workers < MAX_LOST_WORKERS + MAX_LOST_APOLOGIES
                return turn.fail(lease.outage.given_up, apologizes=can_apologize)
            if not is_delivered and lease.lost_workers:
                if lease.lost_workers >= MAX_LOST_WORKERS:
                    return self._give_up(turn, lease, guard, f"{lease.lost_workers} workers were lost")
                self._pause_after_loss(turn, lease)
            exchange = turn.run()
            guard.report_success(guard.channel)
            return exchange
        except (LeaseLost, RetryLater, ChatHandedOver):
            raise
        except Exception as failure:  # noqa: BLE001 - whatever it was, the turn waits, or is given up
            cause = find_cause(failure, turn.outcomes)
            self._log_failure(lease, failure, cause)
            guard.report_failure(cause)
            return self._handle_failure(turn, lease, guard, cause)

    def wait_while_down(
        self, turn: AnyTurn, lease: Lease, guard: BackendGuard, look: Callable[[], None]
    ) -> None:
        """Ends an attempt before it has cost anything, a wake in reserve least of all, where what the turn
        waits for is known to be down still: `look` reads that anew. Raises `RetryLater` then."""
        if not lease.outage.failures or lease.outage.given_up or lease.phase == "delivered":
            return
        try:
            look()
            guard.check()
        except KnownOutage as outage:
            if lease.outage.is_announced or outage.backend == guard.channel:
                self._wait_for_backend(turn, lease, guard, outage)
        except BackendError:  # then the attempt finds out
            return

    def give_back(self, lease: Lease) -> None:
        """Ends the lease of a turn that this process cannot take: its worker is not lost."""
        lease.note_refused_attempt()
        self._release_ignoring_errors(lease)

    def _handle_failure(
        self, turn: AnyTurn, lease: Lease, guard: BackendGuard, cause: BaseException
    ) -> Exchange:
        """Waits for what passes, tries again what may go better, and gives up what will not."""
        if isinstance(cause, PermissionDenied):
            with suppress(BackendError):
                self._refresh_credentials()
        if is_passing(cause) and not self._has_waited_enough(lease):
            self._wait_for_backend(turn, lease, guard, cause)
        is_close_refused = lease.phase == "delivered" and isinstance(cause, InvalidArgument)
        if is_close_refused or (
            lease.phase != "delivered"
            and (
                is_passing(cause)
                or is_permanent(cause)
                or lease.outage.refused_attempts + 1 >= MAX_TURN_ATTEMPTS
            )
        ):
            return self._give_up(turn, lease, guard, type(cause).__name__)
        self.give_back(lease)
        tries = min(lease.outage.refused_attempts, MAX_TURN_ATTEMPTS)
        raise RetryLater(RETRY_DELAYS_SECONDS[tries - 1]) from cause

    def _pause_after_loss(self, turn: AnyTurn, lease: Lease) -> None:
        """Lets a turn that has lost workers wait, once after each: what kills them may pass, and is not to
        kill one after the other. Raises `RetryLater` then."""
        lost, known = lease.lost_workers, lease.outage
        seconds = PAUSES_SECONDS[min(lost, len(PAUSES_SECONDS)) - 1]
        self._dependencies.logger.warning("worker_lost", chat=lease.chat, turn=lease.turn, lost=lost)
        if not seconds or known.paused_after >= lost:
            return
        outage = msgspec.structs.replace(
            known,
            turn=lease.turn,
            retry_at=self._dependencies.clock() + seconds,
            is_announced=True,
            paused_after=lost,
        )
        if not known.is_announced:
            lease.stage(outage=outage)
            lease.flush()  # a worker may be lost as it says so, too
            outage = msgspec.structs.replace(outage, is_announced=turn.announce_delay())
        self._release_ignoring_errors(lease, outage)
        raise RetryLater(seconds)

    def _give_up(self, turn: AnyTurn, lease: Lease, guard: BackendGuard, reason: str) -> Exchange:
        """Apologises, and closes. An apology that cannot be said now is said later."""
        if lease.outage.given_up:  # and there was time enough for the apology, too
            return turn.fail(reason, insists=False)
        lease.stage(outage=OutageState(turn=lease.turn, given_up=reason, is_announced=True))
        try:
            return turn.fail(reason)
        except BackendError as failure:
            self._wait_for_backend(turn, lease, guard, failure)
            raise

    def _has_waited_enough(self, lease: Lease) -> bool:
        since = lease.outage.since
        return since > 0 and self._dependencies.clock() - since >= MAX_OUTAGE_SECONDS

    def _wait_for_backend(
        self, turn: AnyTurn, lease: Lease, guard: BackendGuard, cause: BaseException
    ) -> None:
        """Ends this attempt, which does not count, and lets a wake come back when it may go better. Raises
        `RetryLater`."""
        now, known = self._dependencies.clock(), lease.outage
        is_down = guard.is_down(cause)
        seconds = wait_seconds(known.failures + 1, cause, self._dependencies.uniform, is_down)
        reserve = lease.reserve_due - now
        is_woken = is_down and MIN_RESERVE_WAIT_SECONDS <= reserve <= MAX_KNOWN_OUTAGE_WAIT_SECONDS
        if is_woken:  # another would be one for each try, of each chat that waits
            seconds = reserve
        since = known.since or now
        announced = known.is_announced or (
            now + seconds - since >= ANNOUNCE_AFTER_SECONDS
            and lease.phase != "delivered"
            and getattr(cause, "backend", "") != turn.incoming[-1].channel
            and turn.announce_delay()
        )
        outage = msgspec.structs.replace(
            known, since=since, retry_at=now + seconds, failures=known.failures + 1, is_announced=announced
        )
        self._release_ignoring_errors(lease, outage)
        raise RetryLater(seconds, is_woken) from cause

    def _release_ignoring_errors(self, lease: Lease, outage: OutageState | None = None) -> None:
        """Ends the lease, with what the next worker must know. If that cannot be written, it runs out."""
        self._write_what_is_visible(lease)
        with suppress(BackendError):
            if outage:
                lease.wait_for_backend(outage)
            else:
                lease.flush_notes()
                lease.release()

    def _write_what_is_visible(self, lease: Lease) -> None:
        """Writes what was said, however long that takes while the lease is held: where the platform cannot be
        asked, the next worker would say it again."""
        for pause in NOTE_PAUSES_SECONDS:
            if not (lease.must_be_noted and lease.is_held):
                return
            with suppress(BackendError):
                lease.flush_notes()
                return
            self._dependencies.sleep(pause)

    def _log_failure(self, lease: Lease, failure: Exception, cause: BaseException) -> None:
        self._dependencies.logger.error(
            "turn_failed",
            chat=lease.chat,
            turn=lease.turn,
            attempt=lease.attempts,
            cause=describe_error(cause),
            **log_fields(failure),
        )
