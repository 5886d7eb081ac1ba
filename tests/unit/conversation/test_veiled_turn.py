"""A turn behind a veil: what leaves for models, what a person reads, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.conversation.prompt import Call, Prompt, Tool
from repartee.conversation.veil import NOTE, PLACEHOLDER, veils
from repartee.errors import Throttled
from repartee.ports import Span
from repartee.services.pii.rules import found
from tests.support.veiled_world import IBAN, MAIL, PHONE, Veiled, texts_of
from tests.support.veils import KEY


class Pay(msgspec.Struct):
    """Pays to an account."""

    account: str


def test_the_model_reads_placeholders_and_the_person_values() -> None:
    """Also where the plan itself masks nothing, and wherever the answer's pieces end."""
    world = Veiled()

    seen = world.told(f"Tell {MAIL} to pay to {IBAN}")

    assert seen == [f"Tell {MAIL} to pay to {IBAN}"]
    (prompt,) = world.prompts
    assert not any(found(text) for text in texts_of(prompt))
    assert len(PLACEHOLDER.findall(" ".join(texts_of(prompt)))) == 3
    assert prompt.instructions == f"Be kind.\n{NOTE}"


def test_what_is_kept_is_as_it_was_said_and_what_is_embedded_is_not() -> None:
    """The messages store is ours; whoever embeds is not."""
    world = Veiled()

    world.told(f"Tell {MAIL}")

    assert [said.text for said in world.said.values()] == [f"Tell {MAIL}", f"Tell {MAIL}"]
    assert world.embedded
    assert not any(found(text) for text in world.embedded)


def test_what_is_kept_can_be_masked_too() -> None:
    """Then the store holds what the model has read."""
    world = Veiled()
    world.masked = True

    world.told(f"Tell {MAIL}")

    kept = [said.text for said in world.said.values()]
    assert kept == [world.prompts[0].asked[0].text] * 2


def test_history_has_the_placeholders_that_it_had() -> None:
    """The prompt's front stays as it was, turn after turn, and so does the provider's cache of it."""
    world = Veiled()
    world.broken = {"messages.put"}
    world.told(f"Tell {MAIL}")

    world.told("And now?")

    first, second = world.prompts
    assert second.history[0].text == first.asked[0].text


def test_tools_work_with_values_and_tell_placeholders() -> None:
    """What the model asks of a tool is put back, what the tool finds is hidden, and the reply is whole."""
    paid: list[str] = []

    def pay(order: Pay) -> str:
        paid.append(order.account)
        return f"Paid to {order.account}, receipt sent to {MAIL}."

    world = Veiled(Tool(name="pay", description="Pays.", arguments=Pay, run=pay))

    def answer(prompt: Prompt) -> Sequence[str | Call]:
        if prompt.rounds:
            return [f"Done: {prompt.rounds[0].results[0]}"]
        account = PLACEHOLDER.search(prompt.asked[0].text)
        assert account
        return [Call("call_1", "pay", f'{{"account": "{account[0]}"}}')]

    world.answer = answer

    seen = world.told(f"Pay the deposit to {IBAN}")

    assert paid == [IBAN]
    assert seen == [f"Done: Paid to {IBAN}, receipt sent to {MAIL}."]
    assert not any(found(text) for prompt in world.prompts for text in texts_of(prompt))


class Dumb:
    """`ports.Masker` that does not answer."""

    def find(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        raise Throttled("comprehend", "ThrottlingException")


def test_what_cannot_be_masked_does_not_leave() -> None:
    """While nobody can say what must be hidden, no model is asked, and the turn is tried again."""
    world = Veiled()
    world.veils = veils(Dumb(), KEY)

    world.told(f"Tell {MAIL}")

    assert world.prompts == []
    assert world.embedded == []
    assert world.wakes.letters


details = st.sampled_from(
    [MAIL, PHONE, IBAN, "4111 1111 1111 1111", "93.184.216.34", "DNI 12345678Z", "030 1234567"]
)
words = st.sampled_from(["pay", "[", "[EMAIL_", "[NAME_abcde]", "]", "é", "tell", "\n", "1.", "order 4711"])


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.one_of(details, words), min_size=1, max_size=12).map(" ".join), st.integers(1, 12))
def test_whatever_is_said_comes_back_and_no_detail_leaves(text: str, cut: int) -> None:
    """An echo of what the model reads is what was said, wherever its pieces are cut."""
    world = Veiled()
    world.cut = cut
    world.answer = lambda prompt: [f"<{prompt.asked[-1].text}>"]

    world.told(text)

    assert world.turns[-1].reply == f"<{text}>"
    assert not any(found(part) for prompt in world.prompts for part in texts_of(prompt))
    assert not any(found(part) for part in world.embedded)
