"""The rules by which a person is called."""

from __future__ import annotations

from array import array
from typing import Any

import msgspec
import pytest

from benches.escalation import load_conversations
from local.routes_command import PackagedEmbedder, make_packaged_detector
from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.desk.analysis import MessageAnalysis, list_analysed_reasons
from repartee.assistants.desk.escalation import EscalationInput, decide_escalation, said_since
from repartee.assistants.desk.escalation_signs import EscalationSigns, load_escalation_examples
from repartee.assistants.desk.packed_weights import pack_weights
from repartee.assistants.desk.reason_classifier import (
    CLASSIFIED_REASONS,
    REASON_LABELS,
    decode_reason_classifier,
    encode_reason_classifier,
)
from repartee.assistants.desk.reason_training import HELD_OUT_PARTS
from repartee.assistants.vector_features import MAX_COMPARED_DIMENSIONS
from repartee.domain.budget import UsageLimit
from repartee.domain.desk import DeskConfig, EscalationRules
from repartee.domain.message import StoredMessage
from repartee.domain.usage import UsageTotal
from repartee.language import desk_texts as texts
from repartee.language.catalogue import LANGUAGES, translate
from repartee.ports.desk import DeskState
from tests.support.inbox_builders import make_message

CONFIG = DeskConfig(number="web", name="Lumen", team=("slack:T1:C9",))
STATE = DeskState()


def stored(text: str, side: Any = "assistant", sent: float = 1.0) -> StoredMessage:
    return StoredMessage(
        id=f"{side}{sent}", side=side, chat="web:a:1", room="web:a", sender="x", text=text, sent=sent
    )


def decide(text: str, *answers: str, config: DeskConfig = CONFIG, **changes: Any) -> str | None:
    values: dict[str, Any] = {
        "incoming": (make_message(text=text),),
        "signs": EscalationSigns(),
        "said": [stored(one, sent=float(at)) for at, one in enumerate(answers)],
        "contents": (),
        "state": STATE,
    }
    return decide_escalation(config, EscalationInput(**{**values, **changes}))


def unknown(language: str = "en") -> str:
    return f"{translate(texts.DESK_UNKNOWN, language)} {translate(texts.DESK_OFFER, language)}"


def test_the_most_urgent_reason_is_given() -> None:
    """A customer in danger who also wants money back is in danger first."""
    assert decide("…", signs=EscalationSigns(frozenset({"money_back", "emergency"}))) == "emergency"


def test_a_reason_may_be_turned_off() -> None:
    """A desk whose configuration does not name a reason does not call for it."""
    rules = EscalationRules(reasons=("asked",))
    config = msgspec.structs.replace(CONFIG, escalation=rules)

    assert decide("…", config=config, signs=EscalationSigns(frozenset({"mood"}))) is None
    assert decide("…", config=config, signs=EscalationSigns(frozenset({"asked", "mood"}))) == "asked"


def test_without_a_team_nobody_is_called() -> None:
    """There is no person to promise."""
    config = msgspec.structs.replace(CONFIG, team=())

    assert decide("…", config=config, signs=EscalationSigns(frozenset({"asked"}))) is None


def test_answers_must_have_been_given_before_they_did_not_help() -> None:
    """That nothing helps is no reason in the first message, and is one after two answers."""
    signs = EscalationSigns(frozenset({"no_help"}))

    assert decide("this does not help", "one answer", signs=signs) is None
    assert decide("this does not help", "one answer", "another", signs=signs) == "no_help"


def test_two_answers_that_know_nothing_are_enough() -> None:
    """The customer need not complain."""
    assert decide("and then?", unknown(), unknown()) == "no_help"
    assert decide("and then?", unknown(), "It is open.", unknown()) is None


def test_the_same_question_again_was_not_answered() -> None:
    """After two answers a question that is asked once more calls a person; another question, and a short word
    that is said again, do not."""
    asked = "Where is my order 4711?"
    said = [
        stored(asked, side="user", sent=1.0),
        stored("It is on its way.", sent=2.0),
        stored("When will it be here?", side="user", sent=3.0),
        stored("Within five days.", sent=4.0),
    ]

    assert decide("where is my order 4711??", said=said) == "no_help"
    assert decide("Where is your shop?", said=said) is None
    assert decide("Where is my order 4712?", said=said) is None
    assert decide("thanks", said=[*said, stored("thanks", side="user", sent=5.0)]) is None
    assert decide(asked, said=said[:2]) is None


@pytest.mark.parametrize(
    "language, yes",
    [("en", "Yes, please!"), ("de", "ja bitte"), ("es", "Sí"), ("fr", "oui"), ("ja", "はい"), ("tr", "evet")],
)
def test_a_yes_to_an_offer_calls_a_person(language: str, yes: str) -> None:
    """In the language of the offer; without an offer a yes is a yes to something else."""
    assert decide(yes, unknown(language)) == "asked"
    assert decide(yes, "It is open.") is None
    assert decide("yes, but first tell me the price of the lamp in the window", unknown(language)) is None


def test_a_topic_is_found_by_its_words() -> None:
    """At the beginning of a word, with or without accents, and not inside of another."""
    rules = EscalationRules(topics={"press": ("journalist", "Presse")})
    config = msgspec.structs.replace(CONFIG, escalation=rules)

    assert decide("I am a JOURNALIST", config=config) == "topic"
    assert decide("une pressé question", config=config) == "topic"
    assert decide("espresso machine", config=config) is None


def test_a_budget_that_is_used_up_calls_a_person() -> None:
    """The number's own budget, counted today."""
    config = msgspec.structs.replace(CONFIG, budget=UsageLimit(max_tokens=100))

    assert decide("hi", config=config, state=DeskState(workspace_usage=UsageTotal(tokens=99))) is None
    assert decide("hi", config=config, state=DeskState(workspace_usage=UsageTotal(tokens=100))) == "budget"


def test_a_file_that_cannot_be_read_calls_a_person() -> None:
    """One that was read does not."""
    broken = AttachmentContent(attachment_key="1", name="a.pdf", problem="it is encrypted")
    read = AttachmentContent(attachment_key="2", name="b.pdf", text="hello")

    assert decide("see this", contents=(broken,)) == "unreadable_file"
    assert decide("see this", contents=(read,)) is None


def test_what_led_to_the_last_hand_over_is_no_reason_again() -> None:
    """After a conversation was given back its answers are counted anew."""
    history = [stored(unknown(), sent=1.0), stored(unknown(), sent=2.0), stored("Hello", sent=4.0)]

    assert said_since(history, 3.0) == history[2:]


def test_the_small_model_may_find_what_the_rules_are_unsure_of() -> None:
    """A wish for a person and anger count; an unhappy customer is answered."""
    asks = MessageAnalysis(
        intent="callback",
        language="en",
        mood="calm",
        asks_for_person=True,
        wants_money_back=False,
        threatens_law=False,
        is_in_danger=False,
    )

    assert list_analysed_reasons(asks) == {"asked"}
    assert list_analysed_reasons(msgspec.structs.replace(asks, asks_for_person=False, mood="angry")) == {
        "mood"
    }
    unhappy = msgspec.structs.replace(asks, asks_for_person=False, mood="unhappy")
    assert list_analysed_reasons(unhappy) == list_analysed_reasons(None) == frozenset()
    worse = msgspec.structs.replace(unhappy, wants_money_back=True, threatens_law=True, is_in_danger=True)
    assert list_analysed_reasons(worse) == {"money_back", "legal", "emergency"}


def test_every_reason_has_examples_in_every_language() -> None:
    """What the classifier learns from covers the ten languages, each label, and many trades."""
    found = load_escalation_examples()

    assert set(found) == set(LANGUAGES)
    for by_trade in found.values():
        assert len(by_trade) > HELD_OUT_PARTS
        assert {label for by_label in by_trade.values() for label in by_label} == set(REASON_LABELS)


def test_no_example_is_of_a_conversation_that_is_measured() -> None:
    """The labelled conversations of trades that were left out are not learnt from."""
    learnt = {
        text
        for by_trade in load_escalation_examples().values()
        for by_label in by_trade.values()
        for texts in by_label.values()
        for text in texts
    }
    measured = {
        line
        for name in ("escalation_fresh", "escalation_trades", "escalation_blind", "escalation_kept")
        for one in load_conversations(name)
        for line in one.lines
    }

    assert not learnt & measured


def test_a_rule_is_weighed_where_there_is_a_vector() -> None:
    """A lawyer who orders chairs is not one who threatens; the small model may be asked. Without a vector the
    rule decides."""
    detector = make_packaged_detector()
    text = "My lawyer will take you to court"
    (vector,) = PackagedEmbedder().embed(["What time does the museum open on Sunday?"])

    assert detector.find_signs([text], None, None).reasons == {"legal"}
    weighed = detector.find_signs([text], vector, detector.load_classifier())
    assert not weighed.reasons
    assert weighed.is_unsure


def test_a_classifier_is_kept_as_it_is() -> None:
    """What is read again rates alike; what was kept in another way is made anew."""
    classifier = make_packaged_detector().load_classifier()
    assert classifier is not None
    rows = encode_reason_classifier(classifier)

    assert decode_reason_classifier(rows) == classifier
    assert decode_reason_classifier([array("f", [1.0] * len(rows[0])), *rows[1:]]) is None


def test_words_decide_beside_the_meaning() -> None:
    """With one vector, words that customers use when they want a person make one likelier."""
    classifier = make_packaged_detector().load_classifier()
    assert classifier is not None
    (vector,) = PackagedEmbedder().embed(["Hello"])

    asks = classifier.rate_labels("let me speak to a human", vector, ())
    tells = classifier.rate_labels("how much is the delivery", vector, ())
    assert asks["asked"] > 2 * tells["asked"]


def test_a_classifier_of_the_longest_vectors_fits_in_an_item() -> None:
    """DynamoDB takes 400 KB: so much may be kept of the largest model's vectors."""
    classifier = make_packaged_detector().load_classifier()
    assert classifier is not None
    inputs = MAX_COMPARED_DIMENSIONS + len(CLASSIFIED_REASONS) + 1
    longest = msgspec.structs.replace(
        classifier,
        centre=array("f", bytes(4 * MAX_COMPARED_DIMENSIONS)),
        hidden=tuple(pack_weights([0.0] * inputs) for _ in classifier.hidden),
    )
    rows = encode_reason_classifier(longest)

    assert sum(4 * len(row) for row in rows) < 400 * 1024 - 1024
    assert decode_reason_classifier(rows) == longest


def test_the_shipped_classifier_fits_the_examples() -> None:
    """The repository carries the classifier of today's escalation.toml and embedding model."""
    assert make_packaged_detector().load_classifier() is not None, "run scripts/routes ship"


def test_a_long_message_is_looked_at_at_both_ends() -> None:
    """A wish at the end of a long text is found, and the time for it is bounded."""
    detector = make_packaged_detector()
    long = "The lamp is nice. " * 5_000

    assert detector.find_signs([f"{long} I want my money back"], None, None).reasons == {"money_back"}
    assert detector.find_signs([long], None, None).reasons == frozenset()
