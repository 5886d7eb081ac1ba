"""Whom it is said to: what people say to each other in a thread with the assistant is overheard, not
answered."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.slack_scenario import ROOM, SlackScenario

THREAD = "1789000000.000100"
CHAT = f"{ROOM}:{THREAD}"


class Thread(SlackScenario):
    """A thread that Ada began with a question to the assistant, which answered."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.numbers = count(1)
        self.post("app_mention")

    def say(self, user: str, text: str, **more: Any) -> bool:
        """A member says something in the thread; whether the assistant answers."""
        before = len(self.prompts)
        ts = f"17890010{next(self.numbers):02}.000100"
        self.post("thread_reply", user=user, text=text, ts=ts, event_ts=ts, **more)
        return len(self.prompts) > before


@pytest.fixture
def thread(tmp_path: Path) -> Thread:
    return Thread(tmp_path)


@pytest.mark.parametrize(
    "user, text",
    [
        ("U0ADA", "<@U0BEN> can you bring the second set of keys tomorrow?"),
        ("U0ADA", "<!subteam^S0OPS|@ops> is anybody there?"),
        ("U0ADA", "<!subteam^S0OPS> is anybody there?"),
        ("U0ADA", "Thanks Ben!"),
        ("U0ADA", "thank you, Ben, that helps"),
        ("U0ADA", "Danke Ben"),
        ("U0ADA", "Ben, thanks a lot!"),
        ("U0ADA", "Gracias, Carla"),
        ("U0ADA", "ベンさん、ありがとう"),
        ("U0BEN", "I think that Monday is better for all of us."),
    ],
)
def test_what_is_said_to_somebody_else_is_overheard(thread: Thread, user: str, text: str) -> None:
    """No word of the assistant, and what was said is known afterwards."""
    assert not thread.say(user, text)
    assert len(thread.visible_texts()) == 1
    assert thread.inbox.list_latest(CHAT, 1)[0].overheard

    assert thread.say("U0ADA", "<@U0REPARTEE> what did we just say?")
    assert thread.stored(CHAT)[1].text in thread.given


@pytest.mark.parametrize(
    "user, text",
    [
        ("U0ADA", "And is there parking?"),
        ("U0BEN", "And is there parking?"),
        ("U0BEN", "<@U0REPARTEE> <@U0ADA> asks for the keys"),
        ("U0ADA", "Thanks! And the keys"),
        ("U0ADA", "thanks so much"),
        ("U0ADA", "Danke Dir"),
        ("U0ADA", "Thanks Repartee"),
        ("U0ADA", "Lisbon, please"),
        ("U0BEN", "please summarise this"),
        ("U0BEN", "駐車場はありますか？"),
    ],
)
def test_what_is_said_to_the_assistant_is_answered(thread: Thread, user: str, text: str) -> None:
    """A question to nobody, a request, and whatever mentions it, too."""
    assert thread.say(user, text)


def test_an_answer_to_a_persons_question_is_not_the_assistants(thread: Thread) -> None:
    """What Ben answers Ada is said to Ada; who then asks again asks the assistant."""
    thread.say("U0ADA", "<@U0BEN> can you bring the keys?")

    assert not thread.say("U0BEN", "Sure, when do you need them?")
    assert not thread.say("U0ADA", "At nine.")
    assert thread.say("U0ADA", "And when does the office open?")


def test_a_person_of_the_room_is_called_by_name(thread: Thread) -> None:
    """A name at the beginning calls that person, where the room knows one of that name."""
    thread.say("U0BEN", "<@U0REPARTEE> and the parking?")

    assert not thread.say("U0ADA", "Ben, can you bring the keys?")
    assert thread.say("U0ADA", "Monday, then, or when?")


def test_a_stop_is_a_command_of_its_sender(thread: Thread) -> None:
    """Also of a person who has not spoken to the assistant."""
    thread.say("U0BEN", "stop")

    assert thread.records.read_control(ROOM, CHAT).stopped_at > 0


@pytest.mark.parametrize(
    "mode, mentioned, in_thread, elsewhere",
    [("mentions", True, False, False), ("thread", True, True, False), ("all", True, True, True)],
)
def test_the_room_says_what_is_answered(
    thread: Thread, mode: str, mentioned: bool, in_thread: bool, elsewhere: bool
) -> None:
    """In plain words or by the slash command, by the room's own setting, until it is set otherwise."""
    thread.post("app_mention", text=f"<@U0REPARTEE> answers: {mode}", ts="1789000900.000100")

    assert thread.say("U0ADA", "<@U0REPARTEE> when?") == mentioned
    assert thread.say("U0ADA", "And is there parking?") == in_thread
    before = len(thread.prompts)
    thread.post("channel_message", text="Where is the printer?", ts="1789000950.000100")
    assert (len(thread.prompts) > before) == elsewhere


def test_where_everything_is_answered_statements_are_too(thread: Thread) -> None:
    """What is said to a person is not."""
    thread.post("app_mention", text="<@U0REPARTEE> answers: all", ts="1789000900.000100")

    assert thread.say("U0BEN", "I think that Monday is better for all of us.")
    assert not thread.say("U0BEN", "<@U0ADA> what do you think?")


def test_the_slash_command_sets_it_too(thread: Thread) -> None:
    """And says so to the person who typed it."""
    body = b"command=%2Frepartee&text=answers+mentions&team_id=T0BUTLER&channel_id=C0GENERAL&user_id=U0ADA"
    thread.deliver_body(body, "/slack/commands")

    assert thread.records.read_control(ROOM, "").answers == "mentions"
    assert not thread.say("U0ADA", "And is there parking?")
