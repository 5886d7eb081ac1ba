"""A chat's lease as it is written, and what it tells those who want the chat."""

from __future__ import annotations

import msgspec

from repartee.domain.reply import VisibleState


class OutageState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a turn that waits: it met a failure that passes. `since` is when it met the first,
    `retry_at` when it is tried again (seconds since the epoch, 0 while nothing is waited for), `failures`
    counts them.

    `is_announced`: the person was told that it takes longer. `given_up`: why there will be no answer; what is
    tried again then is the apology. `turn` says whose state this is.

    `refused_attempts` counts the attempts that ended with a failure that does not pass; one whose worker was
    lost has told none. `paused_after` is the number of lost workers after which the turn has paused last.
    """

    turn: str = ""
    since: float = 0.0
    retry_at: float = 0.0
    failures: int = 0
    is_announced: bool = False
    given_up: str = ""
    refused_attempts: int = 0
    paused_after: int = 0


class LeaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A chat's lease as it is written: who holds it (`fence`), until when, and how far the turn has come.

    `messages` are the ids that the turn answers, empty before they are fixed; `attempts` counts this one.
    `wake_due` is when the wake is due that was scheduled last, `guard_due` when one is that was surely sent.
    `knocks` counts the workers that have found the chat held. `is_handed_over`: a person has the chat or is
    to have it, when the lease was taken. `woken_at` is when a wake of the chat was sent that callers of
    `join_wake` may count on once this lease is released (epoch seconds, 0 where none was).
    """

    chat: str
    fence: int
    until: float
    turn: str
    messages: tuple[str, ...] = ()
    attempts: int = 1
    phase: str = "gathering"
    visible: VisibleState = VisibleState()
    outage: OutageState = OutageState()
    wake_due: float = 0.0
    guard_due: float = 0.0
    knocks: int = 0
    is_handed_over: bool = False
    woken_at: float = 0.0


class JoinedWake(msgspec.Struct, frozen=True):
    """The result of `Inbox.join_wake`. `is_expected`: a worker will look at the chat without another wake.
    `is_held`: one does already, or its turn waits for a backend, and has a wake of its own. `guard_due` is
    when a wake is due that was surely sent as the reserve of another (epoch seconds, 0 where none is
    known)."""

    is_expected: bool = False
    is_held: bool = False
    guard_due: float = 0.0


class LeaseHeld(Exception):
    """Another worker holds the chat's lease until `until`, and a wake is due at `wake_due` (seconds since the
    epoch)."""

    def __init__(self, until: float, wake_due: float = 0.0) -> None:
        super().__init__(f"held until {until:.3f}")
        self.until, self.wake_due = until, wake_due
