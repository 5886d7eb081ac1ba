"""A turn behind a veil: what leaves for models, what a person reads, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.domain.prompt import Prompt, Tool, ToolCall
from repartee.errors import Throttled
from repartee.ports import PiiSpan
from repartee.privacy.placeholders import PLACEHOLDER_PATTERN
from repartee.privacy.redaction import PLACEHOLDER_PROMPT, make_redactor_factory
from repartee.privacy.rules import find_spans
from tests.support.redacting_world import (
    BANK_ACCOUNT,
    EMAIL_ADDRESS,
    PHONE_NUMBER,
    RedactingWorld,
    prompt_texts,
)
from tests.support.redactors import REDACTION_KEY


class Pay(msgspec.Struct):
    """Pays to an account."""

    account: str


def test_the_model_reads_placeholders_and_the_person_values() -> None:
    """Also where the plan itself masks nothing, and wherever the answer's pieces end."""
    world = RedactingWorld()

    seen = world.visible_answer(f"Tell {EMAIL_ADDRESS} to pay to {BANK_ACCOUNT}")

    assert seen == [f"Tell {EMAIL_ADDRESS} to pay to {BANK_ACCOUNT}"]
    (prompt,) = world.prompts
    assert not any(find_spans(text) for text in prompt_texts(prompt))
    assert len(PLACEHOLDER_PATTERN.findall(" ".join(prompt_texts(prompt)))) == 3
    assert prompt.instructions == f"Be kind.\n{PLACEHOLDER_PROMPT}"


def test_what_is_kept_is_as_it_was_said_and_what_is_embedded_is_not() -> None:
    """The messages store is ours; whoever embeds is not."""
    world = RedactingWorld()

    world.visible_answer(f"Tell {EMAIL_ADDRESS}")

    assert [said.text for said in world.said.values()] == [f"Tell {EMAIL_ADDRESS}", f"Tell {EMAIL_ADDRESS}"]
    assert world.embedded
    assert not any(find_spans(text) for text in world.embedded)


def test_what_is_kept_can_be_masked_too() -> None:
    """Then the store holds what the model has read."""
    world = RedactingWorld()
    world.masked = True

    world.visible_answer(f"Tell {EMAIL_ADDRESS}")

    kept = [said.text for said in world.said.values()]
    assert kept == [world.prompts[0].incoming[0].text] * 2


def test_history_has_the_placeholders_that_it_had() -> None:
    """The prompt's front stays as it was, turn after turn, and so does the provider's cache of it."""
    world = RedactingWorld()
    world.broken = {"messages.put"}
    world.visible_answer(f"Tell {EMAIL_ADDRESS}")

    world.visible_answer("And now?")

    first, second = world.prompts
    assert second.history[0].text == first.incoming[0].text


def test_tools_work_with_values_and_tell_placeholders() -> None:
    """What the model asks of a tool is put back, what the tool finds is hidden, and the reply is whole."""
    paid: list[str] = []

    def pay(order: Pay) -> str:
        paid.append(order.account)
        return f"Paid to {order.account}, receipt sent to {EMAIL_ADDRESS}."

    world = RedactingWorld(Tool(name="pay", description="Pays.", arguments=Pay, run=pay))

    def answer(prompt: Prompt) -> Sequence[str | ToolCall]:
        if prompt.rounds:
            return [f"Done: {prompt.rounds[0].results[0]}"]
        account = PLACEHOLDER_PATTERN.search(prompt.incoming[0].text)
        assert account
        return [ToolCall("call_1", "pay", f'{{"account": "{account[0]}"}}')]

    world.answer = answer

    seen = world.visible_answer(f"Pay the deposit to {BANK_ACCOUNT}")

    assert paid == [BANK_ACCOUNT]
    assert seen == [f"Done: Paid to {BANK_ACCOUNT}, receipt sent to {EMAIL_ADDRESS}."]
    assert not any(find_spans(text) for prompt in world.prompts for text in prompt_texts(prompt))


class Dumb:
    """`ports.Masker` that does not answer."""

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        raise Throttled("comprehend", "ThrottlingException")


def test_what_cannot_be_masked_does_not_leave() -> None:
    """While nobody can say what must be hidden, no model is asked, and the turn is tried again."""
    world = RedactingWorld()
    world.veils = make_redactor_factory(Dumb(), REDACTION_KEY)

    world.visible_answer(f"Tell {EMAIL_ADDRESS}")

    assert world.prompts == []
    assert world.embedded == []
    assert world.wakes.queued


details = st.sampled_from(
    [
        EMAIL_ADDRESS,
        PHONE_NUMBER,
        BANK_ACCOUNT,
        "4111 1111 1111 1111",
        "93.184.216.34",
        "DNI 12345678Z",
        "030 1234567",
    ]
)
words = st.sampled_from(["pay", "[", "[EMAIL_", "[NAME_abcde]", "]", "é", "tell", "\n", "1.", "order 4711"])


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.one_of(details, words), min_size=1, max_size=12).map(" ".join), st.integers(1, 12))
def test_whatever_is_said_comes_back_and_no_detail_leaves(text: str, cut: int) -> None:
    """An echo of what the model reads is what was said, wherever its pieces are cut."""
    world = RedactingWorld()
    world.cut = cut
    world.answer = lambda prompt: [f"<{prompt.incoming[-1].text}>"]

    world.visible_answer(text)

    assert world.turns[-1].reply == f"<{text}>"
    assert not any(find_spans(part) for prompt in world.prompts for part in prompt_texts(prompt))
    assert not any(find_spans(part) for part in world.embedded)
