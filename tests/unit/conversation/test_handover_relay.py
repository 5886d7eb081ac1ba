"""A person has the conversation: what is passed on, to whom, and what stays inside."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.domain.handover import Handover
from repartee.domain.message import Attachment, Message, Person
from tests.support.crashing_desk_world import CrashingDeskWorld
from tests.support.crashing_whatsapp_world import ROOM_ID
from tests.support.memory_handovers import ANA, BO

QUESTION = "Where is my parcel?"


@pytest.fixture
def world() -> CrashingDeskWorld:
    return CrashingDeskWorld()


def wait_for_person(world: CrashingDeskWorld) -> None:
    """A customer was answered, and a person is waited for, with a card in the team's channel."""
    message = world.ask_in_whatsapp(QUESTION)
    world.run_until_quiet()
    world.open_handover(message)
    world.run_until_quiet()


def test_the_team_gets_one_card(world: CrashingDeskWorld) -> None:
    """It says who, why, the summary and the latest words, and has its buttons."""
    wait_for_person(world)

    (card,) = world.cards()
    assert "Eva · asks for a person" in card["text"]
    assert "The parcel is late." in card["text"]
    assert f"> {QUESTION}" in card["text"]
    assert card["actions"] == ["repartee_handover_take", "repartee_handover_resolve"]


def test_what_the_customer_writes_reaches_the_team_and_no_model(world: CrashingDeskWorld) -> None:
    """While a person is waited for and while one has it: in order, once, and the assistant is silent."""
    wait_for_person(world)
    asked, said = world.model_calls.copy(), world.visible_texts()

    world.ask_in_whatsapp("Hello?")
    world.ask_in_whatsapp("Is anybody there")
    world.run_until_quiet()
    world.press("take")
    world.ask_in_whatsapp("It was due on Monday.")
    world.run_until_quiet()

    assert [text.partition(": ")[2] for text in world.thread_texts()] == [
        "Hello?",
        "Is anybody there",
        "It was due on Monday.",
    ]
    assert world.model_calls == asked
    assert world.visible_texts() == [*said, "A person from our team is here for you now."]


def test_what_a_member_writes_reaches_the_customer(world: CrashingDeskWorld) -> None:
    """In order, once, and with the author in what is remembered."""
    wait_for_person(world)
    world.press("take")
    world.run_until_quiet()

    world.write_as_member("It left the depot this morning.")
    world.write_as_member("It will be with you by five.")
    world.run_until_quiet()

    assert world.visible_texts()[-2:] == ["It left the depot this morning.", "It will be with you by five."]
    stored = [one for one in world.said.values() if one.sender == ANA.id]
    assert [(one.side, one.sender_name, one.text) for one in stored] == [
        ("assistant", "Ana", "It left the depot this morning."),
        ("assistant", "Ana", "It will be with you by five."),
    ]


@pytest.mark.parametrize(
    "text,more",
    [
        ("// she is furious", {}),
        ("note: check the invoice", {}),
        ("📝 call the depot", {}),
        ("can you look?", {"mentions": (BO,)}),
    ],
)
def test_notes_stay_inside(world: CrashingDeskWorld, text: str, more: dict[str, Any]) -> None:
    """Nothing that is marked as a note, or said to a colleague or to the assistant, reaches the customer, and
    nobody takes the conversation by it."""
    wait_for_person(world)
    said = world.visible_texts()

    is_for_customer = world.write_as_member(text, **more)
    world.run_until_quiet()

    assert not is_for_customer
    assert world.visible_texts() == said
    assert world.handover.state == "waiting"


def test_of_two_who_press_take_the_other_is_told_who_has_it(world: CrashingDeskWorld) -> None:
    """And the card says it too."""
    wait_for_person(world)

    world.press("take", ANA)
    world.press("take", BO)
    world.run_until_quiet()

    assert world.handover.member == ANA
    assert world.thread_texts() == ["Ana has this conversation already."]
    (card,) = world.cards()
    assert "Ana has it" in card["text"]
    assert card["actions"] == ["repartee_handover_give_back", "repartee_handover_resolve"]


def test_a_member_who_answers_takes_it(world: CrashingDeskWorld) -> None:
    """Without having pressed anything, and the customer is told before the answer."""
    wait_for_person(world)

    world.write_as_member("I am looking into it.", BO)
    world.run_until_quiet()

    assert (world.handover.state, world.handover.member) == ("person", BO)
    assert set(world.visible_texts()[-2:]) == {
        "A person from our team is here for you now.",
        "I am looking into it.",
    }


def test_after_it_is_given_back_the_assistant_answers(world: CrashingDeskWorld) -> None:
    """The customer is told, and asked for an opinion once."""
    wait_for_person(world)
    world.press("take")
    world.press("give_back")
    world.run_until_quiet()
    question = "How did we do? Please answer with a number from 1 (bad) to 5 (very good)."

    world.ask_in_whatsapp("And my invoice?")
    world.run_until_quiet()

    assert world.visible_texts()[-2:] == [
        f"The assistant answers you here again.\n\n{question}",
        "Re: <And my invoice?>",
    ]
    world.press("take")
    assert world.handover.state == "assistant"


def test_the_assistant_knows_what_was_said_meanwhile(world: CrashingDeskWorld) -> None:
    """Both sides, in what it is given when it answers again."""
    wait_for_person(world)
    world.press("take")
    world.run_until_quiet()
    world.ask_in_whatsapp("My code is 17.")
    world.run_until_quiet()
    world.write_as_member("I have cancelled it.")
    world.press("give_back")
    world.run_until_quiet()

    assert {"My code is 17.", "I have cancelled it."} <= {one.text for one in world.said.values()}
    assert not any("silent" in one.text for one in world.said.values())


def test_after_the_window_a_template_goes_out(world: CrashingDeskWorld) -> None:
    """The member is told that their words were not sent, and what was."""
    wait_for_person(world)
    world.press("take")
    world.run_until_quiet()
    said = world.visible_texts()
    world.pass_time(25 * 3600.0)

    world.write_as_member("It has arrived.")
    world.run_until_quiet()

    assert world.visible_texts() == said
    assert world.thread_texts()[-1].startswith("Not sent: the customer wrote more than 24 hours ago")


def test_a_person_who_takes_it_ends_the_answer_that_is_being_written(world: CrashingDeskWorld) -> None:
    """The state is read again before each visible text, and the message reaches the person."""
    calls: list[int] = []

    def take_once() -> None:
        if not calls:
            calls.append(1)
            world.open_handover(reason="team")
            world.handovers.take(ROOM_ID, ANA, world.now)
            world.intake_wakes.send(ROOM_ID)
            world.pass_time(2.0)

    world.between_pieces = take_once
    world.ask_in_whatsapp(QUESTION)
    world.run_until_quiet()

    assert not [text for text in world.visible_texts() if QUESTION in text]
    assert [text for text in world.thread_texts() if text.endswith(QUESTION)]


def test_the_turn_that_asks_for_a_person_says_so_once(world: CrashingDeskWorld) -> None:
    """Its own answer is not silenced by the hand-over that it opened, and nothing is said beside it."""
    opened, asked = list[Handover](), list[Message]()

    def open_once() -> None:
        if not opened:
            opened.append(world.open_handover(asked[0]))

    world.between_pieces = open_once
    asked.append(world.ask_in_whatsapp("A person, please."))
    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <A person, please.>"]
    assert len(world.cards()) == 1


def test_files_are_passed_on_both_ways(world: CrashingDeskWorld) -> None:
    """What cannot be passed on is named to the team."""
    photo = Attachment(kind="image", id="F1", name="label.png", mime="image/png", size=4)
    gone = Attachment(kind="file", id="F2", name="terms.pdf", mime="application/pdf", size=4)
    world.files["F1"] = b"\x89PNG"
    wait_for_person(world)
    world.press("take")
    world.run_until_quiet()

    world.write_as_member("Here it is.", attachments=(photo, gone))
    world.run_until_quiet()

    kinds = [one["kind"] for one in world.whatsapp.visible_chat(ROOM_ID.rpartition(":")[2])["messages"]]
    assert kinds[-1] == "image"
    assert world.thread_texts()[-1] == "A file could not be passed on: terms.pdf"


def test_an_opinion_is_kept_and_thanked_for(world: CrashingDeskWorld) -> None:
    """A number alone after the question is the answer to it, once: the next is a message like any other."""
    wait_for_person(world)
    world.press("take")
    world.press("resolve")
    world.run_until_quiet()

    rated = world.intake.redirect(world.ask_in_whatsapp("4"))

    assert rated is not None
    assert (rated[0].kind, world.handover.rating) == ("rated", 4)
    assert world.intake.redirect(world.ask_in_whatsapp("5")) is None


def test_a_member_is_known_by_id_where_no_name_is_told(world: CrashingDeskWorld) -> None:
    """Slack's buttons tell no name."""
    wait_for_person(world)
    world.press("take", Person("slack:T1:U7"))
    world.run_until_quiet()

    (card,) = world.cards()
    assert "U7 has it" in card["text"]


def test_the_team_sees_what_the_assistant_had_begun_to_say(world: CrashingDeskWorld) -> None:
    """A person who takes it while an answer is being written, of which a part is visible."""
    part = "The parcel left on Monday. " * 30
    world.answer_to = lambda text: f"{part}\n\n{part}\n\n"
    taken: list[int] = []

    def take_after_first_part(name: str) -> None:
        if name == "after whatsapp.messages" and not taken:
            taken.append(1)
            world.open_handover(reason="team")
            world.handovers.take(ROOM_ID, ANA, world.now)
            world.pass_time(2.0)

    world.at_each_point = take_after_first_part
    world.ask_in_whatsapp(QUESTION)
    world.run_until_quiet()

    shown = world.thread_texts()
    assert shown[0].startswith("The assistant had begun to answer: Re: The parcel left on Monday.")
    assert [text for text in shown if text.endswith(QUESTION)]


@pytest.mark.parametrize("asked,kind", [("suggest", "suggest"), ("Translate to German", "translate German")])
def test_the_assistant_helps_in_the_thread(world: CrashingDeskWorld, asked: str, kind: str) -> None:
    """What a member asks it is answered there alone, from what both sides said."""
    wait_for_person(world)
    said = world.visible_texts()

    assert world.write_as_member(asked, mentioned=True)
    world.run_until_quiet()

    assert world.thread_texts() == [f"Suggestion on <Assistant: Re: <{QUESTION}> >"]
    assert f"Customer: {QUESTION}" in world.transcripts[0]
    assert world.visible_texts() == said
    assert world.handover.state == "waiting"


def test_a_model_that_is_down_does_not_hold_up_the_conversation(world: CrashingDeskWorld) -> None:
    """The member is told, and what the customer writes comes through."""
    wait_for_person(world)
    world.broken.add("small model")

    world.write_as_member("summarise", mentioned=True)
    world.ask_in_whatsapp("Hello?")
    world.run_until_quiet()

    assert world.thread_texts() == [
        "I cannot help right now. Please try again in a moment.",
        "Customer: Hello?",
    ]
