"""The content of the team's card, in every channel alike: lines of plain text, and the buttons that may be
pressed in its state."""

from __future__ import annotations

from datetime import UTC, datetime

from repartee.domain.handover import Handover
from repartee.domain.truncation import truncate_redactable
from repartee.language import handover_texts as texts
from repartee.language.catalogue import translate
from repartee.ports.handovers import CardView

MAX_LATEST_CHARS = 200
"""Characters that the card shows of a message."""

TAKE_ACTION, GIVE_BACK_ACTION, DONE_ACTION = "take", "give_back", "resolve"


def handover_actions(view: CardView) -> dict[str, str]:
    """Returns the labels of the buttons, by their actions."""
    labels = {
        "waiting": {TAKE_ACTION: texts.TAKE, DONE_ACTION: texts.DONE},
        "person": {GIVE_BACK_ACTION: texts.GIVE_BACK, DONE_ACTION: texts.DONE},
    }.get(view.handover.state, {})
    return {action: translate(label, view.language) for action, label in labels.items()}


def card_lines(view: CardView) -> list[str]:
    """Returns who waits since when and why, who has it, the summary, and the latest messages."""
    found, language = view.handover, view.language
    name = found.customer.person.name or translate(texts.CUSTOMER, language)
    reason = translate(texts.REASONS[found.reason or "asked"], language)
    lines = [
        f"{name} · {reason}",
        translate(texts.SINCE, language, when=_clock_time(found.opened_at)) + f" · {_state_line(view)}",
    ]
    if found.summary:
        lines += ["", found.summary]
    if view.latest:
        lines += [
            "",
            *(f"> {truncate_redactable(one.text, MAX_LATEST_CHARS)}" for one in view.latest if one.text),
        ]
    return lines


def _state_line(view: CardView) -> str:
    found, language = view.handover, view.language
    if found.state == "waiting":
        return translate(texts.WAITING, language)
    member = _member_name(found) or translate(texts.TEAM_MEMBER, language)
    line = {"person": texts.WITH_MEMBER, "resolved": texts.RESOLVED_BY, "assistant": texts.GIVEN_BACK_BY}
    return translate(line[found.state], language, name=member)


def _member_name(handover: Handover) -> str:
    return handover.member.name or handover.member.id.rpartition(":")[2]


def _clock_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
