"""One brief's projects, stores and chat, with waiting in the place of services."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from repartee.domain.brief import Address, BriefJob, Project, SourceRef, Subscription
from repartee.domain.brief_run import BriefRun, BriefSection, RunStatus
from repartee.domain.engagement import Engagement
from repartee.domain.message import Message
from repartee.domain.reply import VisibleState
from repartee.domain.schedule import Schedule
from repartee.ports.briefs import SourceItem, SourceQuery

MODEL_SHARE = 0.6
"""The part of a project's time that the model takes."""


def make_subscription(number: int, projects: tuple[Project, ...] = ()) -> Subscription:
    """A brief every day at eight in Lisbon."""
    room = f"slack:T1:D{number}"
    address = Address(channel="slack", chat=room, room=room, language="en")
    return Subscription(
        id="s1",
        person=f"slack:T1:U{number}",
        address=address,
        schedule=Schedule(at="08:00"),
        timezone="Europe/Lisbon",
        projects=projects,
        created_at=0.0,
    )


class SlowProjects:
    """The sources, the model, the stores and the chat of one brief. Each project takes its own seconds, a
    part of them in the model."""

    def __init__(self, seconds: Sequence[float]) -> None:
        self._seconds = seconds
        projects = tuple(Project(f"p{n}", (SourceRef("room", str(n)),)) for n in range(len(seconds)))
        self.subscription = make_subscription(1, projects)

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        number = int(query.ref.id)
        time.sleep(self._seconds[number] * (1 - MODEL_SHARE))
        return [SourceItem(key=query.ref.id, text=f"project {number}", author="Ben", at=1.0)]

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        time.sleep(self._seconds[int(text.rsplit(maxsplit=1)[-1])] * MODEL_SHARE)
        return "- Something is new. [1]"

    def claim(self, job: BriefJob, now: float, until: float) -> BriefRun:
        return BriefRun(
            person=job.person,
            subscription_id=job.subscription_id,
            day=job.day,
            fence=1,
            until=until,
            gathered_at=now,
        )

    def find_subscription(self, person: str, id: str) -> Subscription:
        return self.subscription

    def save_section(self, run: BriefRun, number: int, section: BriefSection) -> None:
        """Nothing is kept here."""

    def save_visible(self, run: BriefRun, text: str, visible: VisibleState) -> None:
        """Nothing is kept here."""

    def finish(self, run: BriefRun, status: RunStatus) -> None:
        """Nothing is kept here."""

    def note_run(self, person: str, id: str, day: str, gathered_at: float) -> None:
        """Nothing is kept here."""

    def note_delivered(self, person: str, day: str) -> None:
        """Nothing is kept here."""

    def read_engagements(self, people: Sequence[str]) -> Mapping[str, Engagement]:
        return {}


class SilentChat:
    """A channel's sending side whose only reply keeps what is said. A run's `finish` takes a status, a
    reply's takes nothing, so this is another object."""

    def __init__(self) -> None:
        self.said = ""

    def open_reply(self, message: Message, turn: str, visible: VisibleState, record: Any) -> SilentChat:
        return self

    def append(self, text: str, *, send: bool = True) -> None:
        self.said += text

    def finish(self) -> None:
        """Nothing is shown here."""
