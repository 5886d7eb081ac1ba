"""Whatever happens on the way: nothing is lost, nothing is said twice, one turn at a time, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from repartee.domain.message import Incoming, Message, Person
from repartee.intake.debounce import wake_delay
from repartee.language.texts import APOLOGY, DELAYED
from repartee.ports.inbox import EARLY_WAKE_SECONDS
from repartee.turn.attempts import MAX_LOST_WORKERS
from repartee.turn.turn import MAX_TURN_ATTEMPTS
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld, make_question
from tests.support.full_assistant import TASK_FAILED_TEXT, decision_text, make_full_assistant
from tests.support.inbox_builders import change_arrival, label_of
from tests.support.office_assistant import make_office_assistant

THREADS = ("1788999999.000001", "1788999999.000002")
HELD = THREADS[1]
"""In this one people are given time to go on: it is Slack's, by a name under which messages are held."""

KINDS = st.sampled_from(["question", "question", "largest", "beginning", "overheard", "press", "stop"])
"""A beginning has no end: its chat waits for more. What is overheard is said to others. Of the largest no two
can be closed together."""

CHARACTERS = [chr(code) for code in range(0x20000, 0x2A000)]

MENTIONED = tuple(
    Person(f"slack:T1:U{n:010}", "".join(Random(n).choices(CHARACTERS, k=60))) for n in range(700)
)
"""People whose names take more than half of the bytes that a turn may claim."""

BREAKS = (
    "records",
    "inbox.write_lease",
    "inbox.close_turn",
    "messages",
    "slack",
    "slack.chat.stopStream",
    "wakes.dead_letter",
)
"""What may be down for a while."""

REFUSED_WRITES = (
    "inbox.write_lease",
    "inbox.close_turn",
    "inbox.release_lease",
    "inbox.mark_persisted",
    "inbox.schedule_wake",
    "records.update_profile",
    "messages.put",
    "wakes.send",
    "wakes.dead_letter",
    "wakes.extend_visibility",
)
"""Writes that a store refuses for good, whatever else goes well, until its operator mends that."""

POINTS = st.integers(min_value=1, max_value=60)


def is_overheard(arrived: Incoming) -> bool:
    return isinstance(arrived, Message) and arrived.overheard


class WayOfAMessage(RuleBasedStateMachine):
    """Deliveries, wakes lost and doubled, workers that die anywhere, leases that run out, a failing model."""

    assistant = staticmethod(lambda ports: replace(make_office_assistant(ports), resolve_press=decision_text))

    @property
    def noted(self) -> Collection[str]:
        return self.kept

    @initialize()
    def begin(self) -> None:
        self.world = CrashingWorld()
        self.world.assistant = self.assistant
        self.kept: dict[str, Incoming] = {}
        self.stopped: dict[str, float] = {}
        self.outages = 0
        for thread in THREADS:
            self.world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=thread)

    @rule(
        thread=st.sampled_from(THREADS),
        kind=KINDS,
        wake_is_lost=st.booleans(),
        wake_names_it=st.booleans(),
    )
    def somebody_speaks(
        self, thread: str, kind: str, wake_is_lost: bool, wake_names_it: bool = False
    ) -> None:
        message = self._say(thread, kind)
        self._keep(message)
        if not wake_is_lost:
            id = message.id if wake_names_it else ""
            self.world.wakes.send(message.chat, wake_delay(message, {}), message_id=id)

    @rule(
        thread=st.sampled_from(THREADS),
        kind=KINDS,
        points=st.lists(POINTS, min_size=2, max_size=2, unique=True),
        worker_dies=st.booleans(),
    )
    def a_wake_overtakes_its_message(
        self, thread: str, kind: str, points: list[int], worker_dies: bool
    ) -> None:
        """The wake is sent beside the message, and its worker may be faster: it may take the chat or find it
        held, and die, before and after the message is there. What is kept late is woken again."""
        message, began = self._say(thread, kind), self.world.now
        self.world.wakes.send(message.chat, message_id=message.id)

        def keep() -> None:
            self._keep(message)
            if worker_dies or self.world.now - began > EARLY_WAKE_SECONDS / 2:
                self.world.wakes.send(message.chat, message_id=message.id)

        self.world.run_worker({max(points): keep} | ({min(points): None} if worker_dies else {}))
        if label_of(message) not in self.kept:
            keep()

    @rule(thread=st.sampled_from(THREADS), points=st.lists(POINTS, min_size=1, max_size=2, unique=True))
    def another_worker_comes_between(self, thread: str, points: list[int]) -> None:
        """Two workers have wakes of the chat's latest message at the same time."""
        named = [one.id for one in self.kept.values() if one.chat == self._chat(thread)]
        for _ in range(2):
            self.world.wakes.send(self._chat(thread), message_id=named[-1] if named else "")
        self.world.run_worker(dict.fromkeys(points, self._another_worker))

    def _say(self, thread: str, kind: str) -> Incoming:
        """A person says it in the thread; the first of all opens the chat, so its id is the thread's."""
        self.world.now += 0.01
        message = spoken(kind, len(self.kept) + 1, self.world.now, thread)
        if not any(one.chat == message.chat for one in self.kept.values()):
            message = replace(message, id=thread)
        if kind == "stop":
            self.world.records.stop(message.chat, message.sent)
            self.stopped[message.chat] = message.sent
        if message.id != thread:
            self.world.slack.add_person_message(
                CHANNEL_ID, "U0ADA", label_of(message), ts=message.id, thread_ts=thread
            )
        return message

    def _keep(self, message: Incoming) -> None:
        self.world.inbox.put(message)
        self.kept[label_of(message)] = message

    @rule(pick=st.randoms(use_true_random=False))
    def it_is_delivered_again(self, pick) -> None:
        if self.kept:
            message = pick.choice(list(self.kept.values()))
            if self.world.inbox.put(message).is_open:
                self.world.wakes.send(message.chat)

    @rule(thread=st.sampled_from(THREADS))
    def a_wake_comes_twice(self, thread: str) -> None:
        self.world.wakes.send(self._chat(thread))

    @rule(seconds=st.sampled_from([0.5, 3.0, 11.0, 31.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule()
    def the_sweep_comes(self) -> None:
        self.world.run_sweep()

    @rule(times=st.integers(min_value=1, max_value=2))
    def the_model_fails(self, times: int) -> None:
        self.world.model_fails = times

    @rule(what=st.sampled_from(BREAKS))
    def something_breaks(self, what: str) -> None:
        self.world.broken, self.outages = {what}, self.outages + 1

    @rule(write=st.sampled_from(REFUSED_WRITES))
    def a_write_is_refused_for_good(self, write: str) -> None:
        self.world.broken, self.outages = {f"refused {write}"}, self.outages + 1

    @rule()
    def all_is_mended(self) -> None:
        self.world.broken = set()

    @rule()
    def a_worker_works(self) -> None:
        self.world.run_worker()

    @rule(point=POINTS)
    def a_worker_dies(self, point: int) -> None:
        self.world.run_worker({point: None})

    @rule(
        points=st.lists(POINTS, min_size=1, max_size=3, unique=True),
        thread=st.sampled_from(THREADS),
        kind=KINDS,
    )
    def much_happens_while_a_worker_works(self, points: list[int], thread: str, kind: str) -> None:
        happenings: list[Callable[[], None]] = [
            lambda: self.somebody_speaks(thread, kind, wake_is_lost=False),
            self.world_goes_on_without_renewal,
            self._another_worker,
        ]
        self.world.run_worker({point: happenings[number] for number, point in enumerate(sorted(points))})

    def world_goes_on_without_renewal(self) -> None:
        """The process is frozen for longer than its lease."""
        self.world.now += 25.0

    def _another_worker(self) -> None:
        watches, self.world.watches = self.world.watches, []
        self.world.run_worker()
        self.world.watches = watches

    @invariant()
    def nothing_is_said_twice(self) -> None:
        if hasattr(self, "world"):
            said = Counter(
                text
                for text in self.kept
                for reply in self.world.visible_texts()
                if f"<{text}>" in _plain(reply)
            )
            assert not [text for text, times in said.items() if times > 1]

    @invariant()
    def each_message_is_in_one_turn(self) -> None:
        if hasattr(self, "world"):
            turns = Counter(label_of(m) for one in self.world.inbox.exchanges.values() for m in one.messages)
            assert not [text for text, times in turns.items() if times > 1]

    @invariant()
    def what_is_overheard_is_never_answered(self) -> None:
        if hasattr(self, "world"):
            overheard = [text for text, message in self.kept.items() if is_overheard(message)]
            visible = _plain(" ".join(self.world.visible_texts()))
            assert not [text for text in overheard if f"<{text}>" in visible]
            assert not [text for text in overheard if self.world.model_calls[text]]

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.all_is_mended()
        self.world.run_until_quiet()
        self.nothing_is_said_twice()
        self.each_message_is_in_one_turn()
        self._nothing_is_lost()
        self._order_is_kept()
        self._everything_is_remembered()
        self._no_stub_stays_behind()
        self._a_delay_is_announced_once()
        if not self.outages:
            most = MAX_TURN_ATTEMPTS + MAX_LOST_WORKERS
            assert all(calls <= most for calls in self.world.model_calls.values())

    def _no_stub_stays_behind(self) -> None:
        """A turn is one visible message, however often its worker died, and whatever it was refused."""
        replies = len([one for one in self.world.inbox.exchanges.values() if one.reply])
        texts = [text for text in self.world.visible_texts() if text != DELAYED]
        assert len(texts) == replies

    def _a_delay_is_announced_once(self) -> None:
        """However long it takes, whichever worker dies meanwhile."""
        announced = self.world.visible_texts().count(DELAYED)
        assert announced <= len(self.world.inbox.exchanges)

    def _nothing_is_lost(self) -> None:
        """Every message has its answer in its thread, or an apology and a dead letter, unless it was said to
        others or its answer was stopped. What was answered is noted, as the reply says."""
        buried = {id for _, ids, _ in self.world.wakes.dead_lettered for id in ids}
        visible = _plain(" ".join(self.world.visible_texts()))
        for text, message in self.kept.items():
            assert (message.chat, message.id) not in self.world.inbox.open
            wanted = not is_overheard(message) and message.sent > self.stopped.get(message.chat, 0.0)
            assert f"<{text}>" in visible or message.id in buried or not wanted
            if wanted and isinstance(message, Message) and message.id not in buried:
                assert text in self.noted or TASK_FAILED_TEXT in visible
        assert len(
            [
                said
                for said in self.world.visible_texts()
                if APOLOGY in said or "\n\n_(My answer broke off here. Please ask me again.)_" in said
            ]
        ) <= len({(chat, ids) for chat, ids, _ in self.world.wakes.dead_lettered})

    def _order_is_kept(self) -> None:
        for thread in THREADS:
            exchanges = [one for one in self.world.inbox.exchanges.values() if one.chat == self._chat(thread)]
            answered = [
                m.sent for one in sorted(exchanges, key=lambda one: one.answered_at) for m in one.messages
            ]
            assert answered == sorted(answered)

    def _everything_is_remembered(self) -> None:
        assert not self.world.inbox.unremembered
        said = {said.text for said in self.world.said.values() if said.side == "user"}
        assert said == {text for text, message in self.kept.items() if isinstance(message, Message)}

    def _chat(self, thread: str) -> str:
        return make_question(0, 0.0, thread).chat


class AmongTools(WayOfAMessage):
    """The same with an assistant that uses a tool, has duties, and is held by bursts."""

    assistant = staticmethod(make_full_assistant)

    @property
    def noted(self) -> Collection[str]:
        return {text for noted in self.world.records.profiles.values() for text in noted}


def spoken(kind: str, number: int, sent: float, thread: str) -> Incoming:
    """A message of that kind."""
    message = make_question(number, sent, thread)
    changes: dict[str, dict[str, Any]] = {
        "question": {},
        "largest": {"mentions": MENTIONED},
        "beginning": {"text": message.text.rstrip(".")},
        "overheard": {"overheard": True, "addressed": False},
        "press": {"proposal_id": message.text},
        "stop": {"text": "stop" + "!" * number},
    }
    return change_arrival(message, channel="whatsapp" if thread == HELD else "slack", **changes[kind])


def _plain(text: str) -> str:
    """The text without what keeps it from pinging."""
    return text.replace("\u200b", "")


TestWayOfAMessage = WayOfAMessage.TestCase
TestAmongTools = AmongTools.TestCase
