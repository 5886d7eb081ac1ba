"""A writer of briefs over stores in memory, sources of one line and a model that repeats what it is given."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from aws_lambda_powertools import Logger

from repartee.briefs.saying import ChatSpeaker
from repartee.briefs.sections import SectionWriter
from repartee.briefs.spending import BriefSpending
from repartee.briefs.writing import BriefWriter, WrittenBrief
from repartee.domain import usage
from repartee.domain.brief import BriefJob
from repartee.domain.budget import Budget
from repartee.domain.message import Message
from repartee.domain.reply import VisibleState
from repartee.domain.usage import Usage, sum_tokens
from repartee.errors import BackendError, InvalidArgument
from repartee.plan import Pool
from repartee.ports.briefs import SourceItem, SourceQuery
from tests.support.brief_world import MORNING_SECONDS, WORLD_NUMBERS
from tests.support.memory_briefs import ADA, MemoryBriefRuns, MemoryBriefs
from tests.support.memory_stores import MemoryRecords

JOB = BriefJob(ADA, "s1", "2026-09-10")


def make_item(key: str, text: str, **more: Any) -> SourceItem:
    """A line that Ben said at seven in the morning."""
    return SourceItem(key=key, text=text, author="Ben", at=MORNING_SECONDS - 3720, **more)


class RepeatingModel:
    """`ports.SmallModel` that tells every line as a point with its number, for 120 tokens."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails_for = self.is_silent_about = "\0"

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        self.asked.append(text)
        usage.record(Usage(input_tokens=100, output_tokens=20))
        if self.fails_for in text:
            raise InvalidArgument("openai", "nothing was written")
        if self.is_silent_about in text:
            return ""
        lines = re.findall(r"^\[(\d+)\] \w+ [\d:]+ (?:[^:]*: )?(.*)$", text, re.MULTILINE)
        return "\n".join(f"- {said} [{number}]" for number, said in lines)

    def extract(self, instructions: str, text: str, answer_type: type) -> Any:
        raise NotImplementedError


class BriefWritingWorld:
    """Everything that a brief is written with. `items` and `failures` are by the source's id; a failure of
    one person's is named `person#id`."""

    def __init__(self) -> None:
        self.now = MORNING_SECONDS
        self.parallel = True
        self.store, self.runs = MemoryBriefs(), MemoryBriefRuns()
        self.items: dict[str, list[SourceItem]] = {}
        self.failures: dict[str, BackendError] = {}
        self.queries: list[SourceQuery] = []
        self.model = RepeatingModel()
        self.chat: list[str] = []
        self.sent_ids: list[str] = []
        self.messages: list[Message] = []
        self.trouble: BackendError | None = None
        self.sign_links: Callable[[str, BriefJob], str] = lambda text, job: text
        self.sources: dict[str, Any] = dict.fromkeys(("room", "erp"), self)
        self.budget = Budget()
        self.records = MemoryRecords(lambda: self.now)
        self.pool = Pool(threads=16)
        self.log = io.StringIO()

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        self.queries.append(query)
        for name in (query.ref.id, f"{query.person}#{query.ref.id}"):
            if name in self.failures:
                raise self.failures[name]
        return self.items.get(query.ref.id, [])

    def open_reply(
        self, message: Message, turn: str, visible: VisibleState, record: Any, ensure: Any = None
    ) -> Any:
        self.messages.append(message)
        return OneMessageReply(self, visible, record)

    def make_writer(self) -> BriefWriter:
        logger = Logger(service=f"briefs-{next(WORLD_NUMBERS)}", stream=self.log)
        return BriefWriter(
            self.store,
            self.runs,
            SectionWriter(self.sources, self.model, self.pool),
            ChatSpeaker(
                self.runs,
                dict.fromkeys(("slack", "telegram", "whatsapp"), self),  # type: ignore[arg-type]
                lambda: self.now,
            ),
            BriefSpending(self.budget, lambda: self.records, sum_tokens, logger),
            self.pool,
            lambda: self.now,
            logger,
            is_parallel=lambda person: self.parallel,
            monotonic=time.monotonic,
            sign_links=self.sign_links,
        )

    def write(self, job: BriefJob = JOB) -> WrittenBrief:
        return self.make_writer().write(job, self.now + 60)


class OneMessageReply:
    """`ports.Reply` that is one message, made or replaced."""

    is_started = False

    def __init__(self, world: BriefWritingWorld, visible: VisibleState, record: Any) -> None:
        self._world, self._ids, self._record = world, dict(visible.message_ids), record
        self.text = ""

    def append(self, text: str, *, send: bool = True) -> None:
        self.text += text

    def finish(self) -> None:
        if self._world.trouble:
            raise self._world.trouble
        id = self._ids.get("0", f"new-{len(self._world.chat)}")
        self._world.sent_ids.append(id)
        self._world.chat.append(self.text)
        self._record({"0": id}, self.text)
