"""The ports that the desk's plan asks for."""

from __future__ import annotations

from collections.abc import Callable

from repartee.assistants.base import BaseInputs
from repartee.assistants.desk.escalation_signs import EscalationDetector
from repartee.briefs.orders import NoticeBook
from repartee.domain.message import Message
from repartee.ports import Embedder, SmallModel
from repartee.ports.desk import DeskKnowledge, DeskRecords
from repartee.ports.handovers import Handovers


def is_nobody_of_team(message: Message) -> bool:
    """Returns that no member of a team writes here."""
    return False


class DeskInputs(BaseInputs, frozen=True, kw_only=True):
    """The ports that the desk's steps ask for, beside what a turn offers."""

    desk_records: DeskRecords
    desk_knowledge: DeskKnowledge
    handovers: Handovers
    embedder: Embedder
    small_model: SmallModel
    detector: EscalationDetector
    clock: Callable[[], float]
    team_notice_book: NoticeBook | None = None
    is_of_team: Callable[[Message], bool] = is_nobody_of_team
