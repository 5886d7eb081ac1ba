"""The choice, in a worker, between a turn of the assistant and one that only passes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import takewhile

import msgspec

from repartee.domain.message import Incoming, TeamAction
from repartee.ports import OpenItems
from repartee.ports.channels import ReplySender
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.lease import Lease
from repartee.turn.relay import CountMetric, RelayTurn
from repartee.turn.relayed_files import FileRelay
from repartee.turn.team_help import TeamHelper
from repartee.turn.team_thread import TeamThreads


def select_claimable(lease: Lease, open_items: OpenItems) -> OpenItems:
    """Returns what one turn may claim of what waits: the messages before the team's next act, or the oldest
    alone where a person has the chat, so that each is passed on in order, and once. A turn that has shown
    something already goes on with what it had."""
    messages = open_items.messages
    if not messages or (lease.phase != "gathering" and lease.claimed_ids):
        return open_items
    if lease.is_handed_over or isinstance(messages[0], TeamAction):
        return msgspec.structs.replace(open_items, messages=messages[:1])
    before = takewhile(lambda one: not isinstance(one, TeamAction), messages)
    return msgspec.structs.replace(open_items, messages=tuple(before))


class RelayParts(msgspec.Struct, frozen=True):
    """The parts with which messages are passed on. `senders` are those of all channels."""

    threads: TeamThreads
    files: FileRelay
    helper: TeamHelper
    senders: Mapping[str, ReplySender]
    count_metric: CountMetric


class RelayFactory:
    """Makes the turns that pass on. Any chat may be handed over, and few are: `make_parts` is called when the
    first one is met."""

    def __init__(self, make_parts: Callable[[], RelayParts]) -> None:
        self._make_parts = cache(make_parts)

    def must_relay(self, lease: Lease, claimed: Sequence[Incoming]) -> bool:
        """Returns whether these are passed on. A chat that is handed over is looked up: it may have been
        given back since, and the turn from which the hand-over came may still say so."""
        if any(isinstance(one, TeamAction) for one in claimed):
            return True
        return lease.is_handed_over and self._make_parts().threads.handovers.read(lease.chat).silences(
            claimed
        )

    def make_turn(
        self,
        dependencies: TurnDependencies,
        lease: Lease,
        heartbeat: Heartbeat,
        claimed: Sequence[Incoming],
        assistant: str,
    ) -> RelayTurn:
        """Returns the turn that passes these on."""
        parts = self._make_parts()
        return RelayTurn(
            dependencies,
            parts.threads,
            parts.files,
            parts.helper,
            parts.count_metric,
            lease,
            heartbeat,
            parts.senders,
            claimed,
            assistant,
        )
