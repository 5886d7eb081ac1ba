"""A worker that is lost is no refusal: its turn goes on, unless its message keeps killing."""

from __future__ import annotations

import itertools

import pytest

from repartee.domain.handover import Customer, HandoverRequest
from repartee.domain.message import Person
from repartee.errors import IncompleteReply
from repartee.language.texts import APOLOGY, DELAYED
from repartee.turn.attempts import MAX_LOST_APOLOGIES, MAX_LOST_WORKERS, PAUSES_SECONDS
from repartee.turn.turn import MAX_TURN_ATTEMPTS
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld, WorkerKilled
from tests.support.memory_handovers import ANA, MemoryHandovers

THREAD = "1788999999.000001"
CHAT = f"{ROOM_ID}:{THREAD}"
AFTER_THE_LEASE_SECONDS = 21.0


class KillingWorld(CrashingWorld):
    """The world, whose next workers are killed when they begin to show the model's reply, or whatever they
    show. Has state: how many are left to kill, and when each was killed."""

    def __init__(self, kills: int, *, whatever: bool = False) -> None:
        super().__init__()
        self.kills, self._is_dying, self._whatever, self._asked = kills, False, whatever, 0
        self.killed_at: list[float] = []
        self.at_each_point = self._kill
        self.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)

    def _kill(self, name: str) -> None:
        is_showing = name == "before slack.chat.startStream" and (
            self._whatever or len(self.prompts) > self._asked
        )
        if not self._is_dying and self.kills and is_showing:
            self._is_dying = True
            self.kills -= 1
            self.killed_at.append(self.now)
        if self._is_dying:  # a dead process does nothing more
            raise WorkerKilled

    def run_for(self, seconds: float) -> None:
        """Lets workers come and die for so long."""
        until = self.now + seconds
        while self.now < until:
            self._asked = len(self.prompts)
            self.run_worker()
            self._is_dying = False
            self.pass_time(1.0)


@pytest.mark.parametrize("kills", [3, 5, MAX_LOST_WORKERS - 1])
def test_a_turn_whose_workers_are_killed_is_answered(kills: int) -> None:
    """A kill a second over many chats hits one of them several times. Its people get the answer, once, and
    are told once that it takes longer; no apology, no dead letter."""
    world = KillingWorld(kills)
    world.ask_question("where?", THREAD)

    world.run_for(kills * AFTER_THE_LEASE_SECONDS + sum(PAUSES_SECONDS[:kills]) + 60)

    assert len(world.killed_at) == kills
    texts = world.visible_texts()
    assert [text for text in texts if text != DELAYED] == ["Re: <where?> "]
    assert texts.count(DELAYED) == 1
    assert not world.wakes.dead_lettered
    assert not world.inbox.open


def test_two_lost_workers_are_replaced_without_a_pause() -> None:
    """By chance: the next comes when the lease of the dead one ends."""
    world = KillingWorld(2)
    world.ask_question("where?", THREAD)

    world.run_for(2 * AFTER_THE_LEASE_SECONDS + 5)

    assert world.visible_texts() == ["Re: <where?> "]


def test_a_message_that_kills_every_worker_is_given_up() -> None:
    """It kills so many and no more, at growing distances. Then there is one apology, and the dead letter that
    raises the alarm."""
    world = KillingWorld(MAX_LOST_WORKERS)
    message = world.ask_question("where?", THREAD)

    world.run_for(MAX_LOST_WORKERS * AFTER_THE_LEASE_SECONDS + sum(PAUSES_SECONDS) + 60)

    assert len(world.killed_at) == MAX_LOST_WORKERS
    pauses = [later - earlier for earlier, later in itertools.pairwise(world.killed_at)]
    assert all(pause >= wanted for pause, wanted in zip(pauses, PAUSES_SECONDS, strict=True))
    assert pauses[2:7] == sorted(pauses[2:7])
    assert world.visible_texts().count(APOLOGY) == 1
    ((chat, ids, reason),) = world.wakes.dead_lettered
    assert (chat, ids) == (CHAT, (message.id,))
    assert "workers were lost" in reason
    assert not world.inbox.open


def test_an_apology_that_kills_too_is_left_unsaid() -> None:
    """A turn that can show nothing at all ends, too: its message is closed, and the dead letter tells."""
    world = KillingWorld(1000, whatever=True)
    message = world.ask_question("where?", THREAD)

    world.run_for(3 * MAX_LOST_WORKERS * AFTER_THE_LEASE_SECONDS + sum(PAUSES_SECONDS))

    assert len(world.killed_at) == MAX_LOST_WORKERS + MAX_LOST_APOLOGIES
    assert [ids for _, ids, _ in world.wakes.dead_lettered] == [(message.id,)]
    assert not world.inbox.open
    assert not world.wakes.queued


@pytest.mark.parametrize("kills", [0, 2, 4])
def test_lost_workers_are_no_failed_attempts(kills: int) -> None:
    """However many workers were lost before, what fails is tried as often as ever, and no oftener."""
    world = KillingWorld(kills)
    world.ask_question("where?", THREAD)
    while world.kills:
        world.run_for(1)
    world.model_error, asked = IncompleteReply("as ordered"), len(world.prompts)

    world.run_for(120)

    assert len(world.prompts) - asked == MAX_TURN_ATTEMPTS
    assert APOLOGY in world.visible_texts()
    ((_, _, reason),) = world.wakes.dead_lettered
    assert reason == "IncompleteReply"


def test_a_turn_that_nobody_here_can_pass_on_loses_no_worker() -> None:
    """A person has the chat, and the desk is not served by this function: its lease ends at once, and when
    the chat is given back the answer comes, without a word of delay."""
    world = KillingWorld(0)
    handovers = MemoryHandovers(world.records, world.inbox)
    customer = Customer(room=ROOM_ID, channel="slack", person=Person("U0ADA", "Ada"), wrote_at=world.now)
    handovers.open(HandoverRequest(chat=CHAT, customer=customer, reason="asked", at=world.now))
    world.ask_question("where?", THREAD)
    for _ in range(5):
        world.run_worker()
        assert world.inbox.leases[CHAT].until <= world.now
        world.pass_time(31.0)
    handovers.resolve(CHAT, ANA, world.now)
    world.intake_wakes.send(CHAT)

    world.run_until_quiet()

    assert world.visible_texts()[-1].endswith("Re: <where?> ")
    assert DELAYED not in world.visible_texts()
    assert not world.inbox.open
