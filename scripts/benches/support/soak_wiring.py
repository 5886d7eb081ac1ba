"""The parts of a process that the soak turns over: the coach's plan, its wiring, and stores in memory."""

from __future__ import annotations

import io
import time
from collections import deque
from collections.abc import Generator, Sequence
from typing import Any

from aws_lambda_powertools import Logger

from benches.support.coach_plan import SlowKnowledge, SlowMemories
from benches.support.scripted_small_model import ScriptedSmallModel
from repartee.domain.message import Message
from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.turn.received_wake import ReceivedWake
from repartee.wiring import Wiring, functions, process, services, stores
from tests.support.memory_stores import MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.memory_web_stores import MemoryEvents, MemoryRates
from tests.support.memory_workouts import MemoryCoaching, MemoryWorkouts

PERSON_COUNT = 40
REPLY_PIECES = 24
"""Pieces in which a reply comes."""

SOAK_SETTINGS = {
    "ASSISTANT": "coach",
    "OPENAI_API_KEY": "nobody asks for it",
    "WEB_JWKS_URL": "http://127.0.0.1/",
    "PERSON_ID_KEY": "a key for the soak",
    "DEAD_LETTERS_QUEUE_URL": "http://127.0.0.1/",
}


class SoakWiring(Wiring):
    """The parts. `failed` counts turns that did not come to their reply."""

    def __init__(self) -> None:
        super().__init__(SOAK_SETTINGS)
        self.log = io.StringIO()
        self.failed = 0
        self.talking = TalkativeModel()
        self.kept, self.told, self.noted = MemoryInbox(), MemoryEvents(time.time), MemoryRecords(time.time)
        self.said, self.trained, self.woken = (
            MemoryCoaching(self.noted),
            MemoryWorkouts(),
            MemoryWakes(time.time),
        )
        self._put_stores()
        self.put(process.logger, Logger(service="soak", stream=self.log))
        self.put(services.small_model, ScriptedSmallModel())
        self.put(services.model, self.talking)

    def _put_stores(self) -> None:
        """Puts stores in memory in place of those that the wiring would make."""
        forgetful: Any = ForgetfulMemories()
        self.put(stores.inbox, self.kept)
        self.put(stores.events, self.told)
        self.put(stores.records, self.noted)
        self.put(stores.coaching, self.said)
        self.put(stores.workouts, self.trained)
        self.put(stores.wakes, self.woken)
        self.put(stores.rates, MemoryRates(time.time))
        knowledge: Any = SlowKnowledge()
        self.put(stores.knowledge, knowledge)
        self.put(stores.memories, forgetful)
        self.put(stores.messages, forgetful)
        self.put(services.embedder, forgetful)

    def answer_message(self, number: int, text: str) -> None:
        """One message from the inbox to the close."""
        now = time.time()
        message = web_message(f"person{number % PERSON_COUNT}", f"{now:.6f}-{number}", text, now)
        self.kept.put(message)
        undone = self.get(functions.chat_worker).answer_all(
            [ReceivedWake(message.chat, "", time.time() + 270)]
        )
        self.failed += bool(undone)

    def empty_stores(self) -> None:
        """Empties the stores, which in production are elsewhere."""
        self.failed += len(self.kept.open)
        emptied: tuple[Any, ...] = (
            *(self.kept.messages, self.kept.exchanges, self.kept.leases),
            *(self.told.logs, self.noted.spent, self.trained.kept, self.said.conversations),
            self.woken.queued,
        )
        for kept in emptied:
            kept.clear()
        self.log.seek(0)
        self.log.truncate()


class TalkativeModel:
    """`ports.Model` that says the same to everybody, in pieces. `prompts` are the newest it was given."""

    def __init__(self) -> None:
        self.prompts: deque[Prompt] = deque(maxlen=10)

    def stream(
        self, prompt: Prompt, cancel_token: Any = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        self.prompts.append(prompt)
        for number in range(REPLY_PIECES):
            yield f"word {number} "
        yield Usage(1000, REPLY_PIECES)


class ForgetfulMemories(SlowMemories):
    """`ports.Memories`, `ports.Messages` and `ports.Embedder` that keep nothing."""

    def put(self, *_: object) -> None:
        """Keeps nothing."""

    def remove(self, *_: object) -> None:
        """There is nothing."""

    def delete_all(self, *_: object) -> None:
        """There is nothing."""

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [(1.0,) for _ in texts]


def web_message(person: str, id: str, text: str, now: float) -> Message:
    """Builds a message of a person on the web."""
    room = f"web:{person}"
    return Message(
        id=id,
        chat=f"{room}:main",
        room=room,
        channel="web",
        sender=room,
        text=text,
        sent=now,
        received=now,
    )
