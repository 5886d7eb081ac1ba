"""Commands in a turn: which messages they leave to answer, and what is said to one that was carried out."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.domain.command import IssuedCommand
from repartee.domain.message import ButtonPress, Message
from repartee.errors import BackendError
from repartee.intake.command_confirmation import confirmation_text, on_local_clock
from repartee.language import texts
from repartee.ports import Records


def read_issuer_profile(issued: IssuedCommand, room: str, records: Records) -> Mapping[str, str]:
    """Returns what is known about the person, where that changes what is said and can be read."""
    if issued.command.action == "stop":
        return {}
    try:
        return records.read_chat_state(room, issued.chat, issued.issued_by).whole_profile
    except BackendError:
        return {}


def confirmation_of(issued: IssuedCommand, profile: Mapping[str, str], language: str) -> str:
    """Returns the confirmation of a command that was typed as a message; empty for a stop."""
    issued = on_local_clock(issued, profile)
    return confirmation_text(issued, profile, language, unmute_command="`unmute`")


def lone_commands(
    addressed: tuple[Message, ...], answerable: tuple[Message, ...], presses: tuple[ButtonPress, ...]
) -> list[IssuedCommand]:
    """Returns the commands, if they leave nothing to answer. The webhook has carried them out."""
    return [] if answerable or presses else [issued for one in addressed if (issued := one.issue_command())]


def over_limit_notice(addressed: tuple[Message, ...]) -> str:
    """Returns what a person is told, once, who writes more than is answered; empty where nobody does."""
    return texts.OVER_PERSON_LIMIT if any(one.is_over_limit for one in addressed) else ""


def budget_notice(place: str) -> str:
    """Returns what is said instead of an answer where nothing may be spent any more; empty elsewhere."""
    return {"room": texts.ROOM_BUDGET_SPENT, "workspace": texts.WORKSPACE_BUDGET_SPENT}.get(place, "")


def select_answerable(addressed: tuple[Message, ...]) -> tuple[Message, ...]:
    """Of what was said to the assistant what wants an answer: no order, nothing before a stop, and
    nothing of a person who writes more than is answered."""
    stops = (at for at, one in enumerate(addressed) if one.command and one.command.action == "stop")
    return tuple(
        message
        for message in addressed[max(stops, default=0) :]
        if not (message.command or message.is_over_limit)
    )
