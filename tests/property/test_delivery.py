"""However a reply grows and whatever the platform does: all of it is shown, once, nothing is taken back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.delivery import (
    MAX_COMPLETION_ATTEMPTS,
    MAX_COMPLETION_WAIT_SECONDS,
    MAX_THROTTLE_WAIT_SECONDS,
    ReplyDelivery,
    SendGate,
)
from repartee.channels.markdown import MAX_HELD_BACK_CHARS, split_markdown, stable_prefix_length
from repartee.channels.pacer import Pacer
from repartee.errors import BackendError, DeadlineExceeded, Throttled, Unavailable
from repartee.ports.channels import always_may_send

WORDS = st.sampled_from(
    [
        "word",
        " ",
        "\n",
        "\n\n",
        "```py\n",
        "```\n",
        "~~~\n",
        "[link](https://a.example/b)",
        "https://a.example/c",
        "<",
        "[",
        "`x`",
        "é",
        "|a|b|\n|-|-|\n",
        "|c|d|\n",
    ]
)
TEXTS = st.lists(WORDS, max_size=120).map("".join)


class Paper:
    """A surface on which nothing can be taken back, and whose calls fail as they are told."""

    max_chars = 60
    can_extend = True

    def __init__(self, failures: Iterator[BackendError | None]) -> None:
        self.now = 0.0
        self.pacer = Pacer(1.0, lambda: self.now)
        self.pages: dict[str, str] = {}
        self.complete: set[str] = set()
        self.failures = failures

    def begin_message(self, text: str) -> str:
        self._fail()
        self.pages[str(len(self.pages))] = text
        return str(len(self.pages) - 1)

    def post_whole_message(self, text: str, is_last: bool) -> None:
        """There is no such way."""

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        self._fail()
        assert id not in self.complete
        assert text == self.pages[id] + added_text
        self.pages[id] = text

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        self.extend_message(id, text, added_text)
        self.complete.add(id)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def _fail(self) -> None:
        self.now += 0.1
        if failure := next(self.failures, None):
            raise failure


def no_failures() -> Iterator[BackendError | None]:
    return iter(())


@given(TEXTS)
def test_parts_hold_the_whole_text(text: str) -> None:
    """Each part fits, and together they are the text, but for the code that is closed and opened again."""
    found = list(split_markdown(text, 60))

    assert all(len(part.text) <= 60 for part in found)
    assert all(one.end < other.end for one, other in itertools.pairwise(found))
    assert found[-1].end == len(text)
    starts = [0, *(part.end for part in found)]
    for part, (start, end) in zip(found, itertools.pairwise(starts), strict=True):
        assert text[start:end].rstrip() in part.text


def test_a_table_that_goes_on_has_its_header_again() -> None:
    """Without it the rest would not be a table."""
    header = "|desk|floor|\n|----|:---:|\n"
    table = header + "".join(f"|{number}|2|\n" for number in range(100))

    found = list(split_markdown(table, 200))

    assert len(found) > 3
    assert all(part.text.startswith(header) for part in found)
    assert "".join(part.text.removeprefix(header) for part in found) == table.removeprefix(header)


@pytest.mark.parametrize(
    "text,shown",
    [
        ("see [the lease", "see "),
        ("see [the lease](https://a.ex", "see "),
        ("see [the lease](https://a.example/1)", "see [the lease](https://a.example/1)"),
        ("see https://a.exam", "see "),
        ("see https://a.example, and", "see https://a.example, and"),
        ("so:\n``", "so:\n"),
        ("so:\n```py", "so:\n"),
        ("so:\n```py\nx = [1", "so:\n```py\nx = [1"),
        ("hello <", "hello "),
        ("![a picture](", ""),
    ],
)
def test_half_a_link_is_not_shown(text: str, shown: str) -> None:
    """A link, an address and a fence are shown when they are whole."""
    assert text[: stable_prefix_length(text)] == shown


def test_a_bracket_that_is_no_link_does_not_hold_the_reply_back_for_ever() -> None:
    """After a few hundred characters it is shown as it is."""
    text = "[" + "x " * MAX_HELD_BACK_CHARS

    assert stable_prefix_length(text) == len(text)


@given(TEXTS, st.lists(st.integers(1, 12), min_size=1, max_size=30), st.lists(st.booleans(), max_size=40))
def test_a_reply_is_shown_whole_and_nothing_is_taken_back(
    text: str, pieces: list[int], refusals: list[bool]
) -> None:
    """In whatever pieces it comes, and however often the platform says that there were too many calls."""
    paper = Paper(
        iter(
            [
                Throttled("paper", "slow down", retry_after=2.0) if refused else None
                for refused in refusals[: MAX_COMPLETION_ATTEMPTS - 1]
            ]
        )
    )
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))
    rest = text
    for size in itertools.cycle(pieces):
        if not rest:
            break
        reply.append(rest[:size])
        paper.now += 0.3
        rest = rest[size:]

    reply.finish()

    assert [paper.pages[str(number)] for number in range(len(paper.pages))] == [
        part.text for part in split_markdown(text, 60)
    ]
    assert paper.complete == set(paper.pages)


@given(TEXTS.filter(len))
def test_a_platform_that_comes_back_gets_the_whole_text(text: str) -> None:
    """What did not get through while the connection was broken is shown with the end."""
    paper = Paper(iter([DeadlineExceeded("paper", "no answer")] * (MAX_COMPLETION_ATTEMPTS - 1)))
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))

    reply.append(text, send=False)
    reply.finish()

    assert [paper.pages[str(number)] for number in range(len(paper.pages))] == [
        part.text for part in split_markdown(text, 60)
    ]


PARAGRAPHS = "\n\n".join(
    f"Part {number} of a reply that has many messages, all whole." for number in range(7)
)
PART_COUNT = len(list(split_markdown(PARAGRAPHS, 60)))


def test_each_message_of_a_reply_has_tries_of_its_own() -> None:
    """A reply of many messages, of which each is refused three times, is shown whole."""
    refused = [Throttled("paper", "slow down", retry_after=0.5)] * 3
    paper = Paper(iter([*refused, None] * 2 * PART_COUNT))
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))

    reply.append(PARAGRAPHS, send=False)
    reply.finish()

    assert len(paper.pages) == PART_COUNT
    assert paper.complete == set(paper.pages)


def test_a_message_is_tried_five_times() -> None:
    """However well those before it went."""
    broken = [Unavailable("paper", "broken")] * MAX_COMPLETION_ATTEMPTS
    paper = Paper(iter([None, None, *broken, None]))
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))
    reply.append(PARAGRAPHS, send=False)

    with pytest.raises(Unavailable):
        reply.finish()

    assert next(paper.failures, "all used") is None
    assert paper.complete == {"0"}


def test_a_long_reply_holds_no_worker_for_minutes() -> None:
    """The turn is tried later when its end has waited for two minutes in all."""
    paper = Paper(iter([Throttled("paper", "slow down", retry_after=30.0), None] * 20))
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))
    reply.append(PARAGRAPHS, send=False)

    with pytest.raises(Throttled):
        reply.finish()

    assert paper.now < MAX_COMPLETION_WAIT_SECONDS + 10.0
    assert 0 < len(paper.complete) < PART_COUNT


def test_a_platform_that_asks_for_hours_is_not_waited_for() -> None:
    """The turn fails, and is tried again when its worker's time is not over."""
    paper = Paper(iter([None, Throttled("paper", "slow down", retry_after=10_072.0)]))
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))
    reply.append("so far")
    reply.append(" and on", send=False)
    before = paper.now

    with pytest.raises(Throttled):
        reply.finish()

    assert paper.now - before < MAX_THROTTLE_WAIT_SECONDS


def test_a_piece_that_nobody_answers_for_does_not_end_a_reply_that_is_visible() -> None:
    """Once something is shown, a broken connection costs a piece its moment and the reply nothing."""
    paper = Paper(iter([None, DeadlineExceeded("paper", "no answer")]))
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))

    reply.append("one ")
    paper.now += 2.0
    reply.append("two ")
    reply.append("three")
    reply.finish()

    assert list(paper.pages.values()) == ["one two three"]


@given(TEXTS.filter(len), st.integers(1, 100))
def test_a_reply_that_is_cut_ends_with_what_was_visible(text: str, at: int) -> None:
    """What nobody saw yet is not said any more; the note is."""
    paper = Paper(no_failures())
    reply = ReplyDelivery(paper, lambda ids, shown: None, paper.sleep, gate=SendGate(always_may_send))
    reply.append(text[:at])
    visible = "".join(paper.pages.values())
    reply.append(text[at:], send=False)

    reply.cut_short("(stopped)")

    assert reply.text.endswith("(stopped)")
    assert "".join(paper.pages.values()).startswith(visible)
    assert len(reply.text) - len("(stopped)") <= at
