"""The hand-over of conversations to people, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.wiring import channels, process, services, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.domain.message import Message
    from repartee.intake.handover_intake import HandoverIntake
    from repartee.ports import Wakes
    from repartee.ports.handovers import TeamDirectory
    from repartee.turn.handed_over import RelayFactory, RelayParts
    from repartee.turn.reminders import HandoverReminders
    from repartee.turn.team_thread import TeamThreads

DESK_NAME = "desk"
"""The assistant that hands over to people."""


def has_desk(wiring: Wiring) -> bool:
    """Returns whether a channel has the desk for its assistant."""
    return DESK_NAME in wiring.get(process.settings).assistant.values()


@part
def teams(wiring: Wiring) -> TeamDirectory:
    from repartee.turn.desk_teams import DeskTeams

    return DeskTeams(wiring.get(stores.desk_records))


def is_of_team(wiring: Wiring, message: Message) -> bool:
    """Returns whether a member of a desk's team writes the message."""
    from repartee.turn.desk_teams import TeamMembership

    membership = TeamMembership(wiring.get(stores.desk_records), lambda: wiring.get(channels.room_access))
    return membership.includes(message)


def make_intake(wiring: Wiring, wakes: Wakes) -> HandoverIntake | None:
    """Returns the team's side of the webhook. None without a desk."""
    if not has_desk(wiring):
        return None
    from repartee.intake.handover_intake import HandoverIntake

    return HandoverIntake(wiring.get(stores.handovers), wiring.get(teams), wakes)


def make_reminders(wiring: Wiring) -> HandoverReminders:
    """Returns what reminds the teams of customers who wait."""
    from repartee.turn.reminders import HandoverReminders

    return HandoverReminders(
        wiring.get(stores.handovers),
        wiring.get(teams),
        wiring.get(stores.wakes),
        wiring.get(process.clock),
        wiring.get(process.logger),
        wiring.get(process.count_metric),
    )


@part
def team_threads(wiring: Wiring) -> TeamThreads:
    from repartee.turn.team_thread import TeamThreads

    known = wiring.get(channels.platforms)
    made = {one.name: one.make_team_channel() for one in known if one.sends}
    return TeamThreads(
        wiring.get(stores.handovers),
        wiring.get(teams),
        {name: channel for name, channel in made.items() if channel},
        wiring.get(stores.inbox),
        wiring.get(process.clock),
    )


def make_relays(wiring: Wiring) -> RelayFactory:
    """Returns what passes messages on between customers and people: a team of the desk, or an operator of the
    console, who may take over any chat."""
    from repartee.turn.handed_over import RelayFactory

    return RelayFactory(lambda: _make_relay_parts(wiring))


def _make_relay_parts(wiring: Wiring) -> RelayParts:
    from repartee.turn.handed_over import RelayParts
    from repartee.turn.relayed_files import FileRelay
    from repartee.turn.team_help import TeamHelper

    desks = wiring.get(stores.desk_records)
    helper = TeamHelper(
        wiring.get(services.small_model),
        lambda message: desks.read_desk_state(message.room, message.chat, message.sender).history,
        wiring.get(stores.inbox),
    )
    return RelayParts(
        wiring.get(team_threads),
        FileRelay(wiring.get(channels.attachments)),
        helper,
        wiring.get(channels.reply_senders),
        wiring.get(process.count_metric),
    )
