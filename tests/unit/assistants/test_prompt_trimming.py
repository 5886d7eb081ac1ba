"""A prompt has a size: what is read beside the question is bounded in tokens, and says what is missing."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.office.prompts import OfficePromptContext, build_office_prompt
from repartee.assistants.office.routes import Route, load_routes
from repartee.assistants.prompt_trimming import (
    CUT_CONTENT_TEXT,
    MESSAGE_OVERHEAD_TOKENS,
    trim_contents,
    trim_context,
    trim_history,
    trim_relevant,
)
from repartee.domain.message import ContextPart, StoredMessage
from repartee.domain.prompt import PromptMessage
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from repartee.domain.tokens import CUT_MARK, estimate_tokens, truncate_to_tokens
from repartee.ports import ChatState
from tests.support.inbox_builders import CHAT_ID, make_message
from tests.support.message_builders import make_stored_message

texts = st.text(alphabet=st.sampled_from("ab 12.\né漢字ሰላሙ한"), max_size=400)
said = st.lists(texts, max_size=40).map(
    lambda found: [
        make_stored_message(text, id=str(n), chat=CHAT_ID, sent=float(n)) for n, text in enumerate(found)
    ]
)
budgets = st.integers(20, 3000)


@pytest.mark.parametrize(
    "text, least, most",
    [
        ("When does the Lisbon office open, and who has the keys? " * 100, 1_300, 2_300),
        ("2026-09-10;4556737586899855;118.20\n" * 100, 1_500, 2_400),
        ("葡萄牙办公室什么时候开门" * 667, 11_000, 13_000),
        ("ሊዝበን ቢሮ መቼ ይከፈታል " * 420, 14_000, 22_000),
        ("", 0, 0),
    ],
    ids=["English", "a table", "Chinese", "Amharic", "nothing"],
)
def test_tokens_are_estimated_by_script(text: str, least: int, most: int) -> None:
    """Rather too many than too few: 8,000 characters of Chinese are 11,000 tokens, of Amharic 19,000."""
    assert least <= estimate_tokens(text) <= most


@given(texts, st.integers(1, 300))
@example(" a 1", 1)
def test_a_text_is_cut_to_its_tokens(text: str, max_tokens: int) -> None:
    """It stays whole if it fits; otherwise its beginning does, with a mark."""
    cut = truncate_to_tokens(text, max_tokens)

    if estimate_tokens(text) <= max_tokens:
        assert cut == text
    else:
        assert cut.endswith(CUT_MARK.strip())
        beginning = cut.removesuffix(CUT_MARK).removesuffix(CUT_MARK.strip())
        assert text.startswith(beginning)
        assert estimate_tokens(beginning) <= max_tokens


@given(said, budgets)
def test_history_fits_and_is_the_newest(messages: list[StoredMessage], max_tokens: int) -> None:
    """In the order of time, without a gap, and with the number of those that are left out."""
    trimmed = trim_history(messages, max_tokens)

    assert [one.id for one in trimmed.messages] == [one.id for one in messages[trimmed.left_out :]]
    tokens = [estimate_tokens(one.text) + MESSAGE_OVERHEAD_TOKENS for one in trimmed.messages]
    assert sum(tokens) <= max_tokens + len(tokens) * estimate_tokens(CUT_MARK)
    assert str(trimmed.left_out) in trimmed.notice or not trimmed.left_out


@given(said, budgets)
def test_the_best_of_what_is_relevant_fits(messages: list[StoredMessage], max_tokens: int) -> None:
    """From the best on, as many as have room."""
    kept = trim_relevant(messages, max_tokens)

    assert list(kept) == messages[: len(kept)]
    assert sum(estimate_tokens(one.text) for one in kept) <= max_tokens


def test_files_are_cut_in_their_order_and_say_so() -> None:
    """The first is whole, the second is cut, of the third only its name has room."""
    files = [
        AttachmentContent(attachment_key=str(n), name=f"{n}.txt", text="word " * 1000, description="PDF")
        for n in range(3)
    ]

    first, second, third = trim_contents(files, 2000)

    assert first == files[0]
    assert 0 < len(second.text) < len(files[1].text)
    assert second.description == third.description == f"PDF, {CUT_CONTENT_TEXT}"
    assert estimate_tokens(third.text) <= estimate_tokens(CUT_MARK)


def test_of_what_came_along_the_newest_has_room() -> None:
    """It comes last; what is older is cut first."""
    parts = tuple(ContextPart(kind="thread", text=f"{n} " + "word " * 500) for n in range(4))
    (trimmed,) = trim_context([msgspec.structs.replace(make_message(), context=parts)], 1800)

    assert [part.text == whole.text for part, whole in zip(trimmed.context, parts, strict=True)] == [
        *(False, False),
        *(True, True),
    ]


@pytest.mark.parametrize("route", load_routes().values(), ids=lambda route: route.name)
def test_long_messages_make_no_long_prompt(route: Route) -> None:
    """Fourteen exchanges of 39,500 characters a message are cut to the budget, on every route."""
    asked = (make_message("Thanks! And when do we open?", id="900"),)
    history = [
        make_stored_message(f"{n} " + "word " * 7_900, id=str(n), chat=CHAT_ID, sent=float(n), side=side)
        for n in range(14)
        for side in ("user", "assistant")
    ]
    history = [msgspec.structs.replace(one, id=f"{one.id}{one.side}") for one in history]

    prompt = build_office_prompt(
        OfficePromptContext(
            incoming=asked,
            incoming_lines=(PromptMessage("user", asked[0].text),),
            route=route,
            chat_state=ChatState(),
            history=history,
            relevant_messages=history,
        )
    )

    told = [line.text for line in prompt.history]
    assert sum(map(estimate_tokens, [*told, prompt.context])) <= DEFAULT_PROMPT_TOKENS
    assert "13 word" in told[-1]
    assert "have no room here" in told[0]
    assert CUT_MARK in told[-1]
