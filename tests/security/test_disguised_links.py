"""Links whose text is another address than the one they lead to: the true one is shown in every dialect."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from repartee.channels.markdown import StablePrefix
from repartee.channels.markup import (
    PlainTextRenderer,
    TelegramHtmlRenderer,
    TelegramRichRenderer,
    WhatsAppRenderer,
)
from repartee.channels.markup.addresses import is_disguised
from repartee.channels.markup.lines import Lines
from repartee.channels.slack.formatting import addition, escape_mentions
from repartee.channels.telegram.formatting import format_candidates
from repartee.channels.whatsapp.formatting import render_texts

TRUE_ADDRESS = "https://evil.example/x"


@pytest.mark.parametrize(
    "shown",
    [
        "https://bank.example",
        "**bank.example**",
        "log in at www.bank.example",
        "bank\u200b.example",
        "bank\\.example",
        "bank&#46;example",
        "192.168.1.1",
        "\u0431\u0430\u043d\u043a.\u0440\u0444",
    ],
)
def test_the_true_address_is_shown(shown: str) -> None:
    """Behind the words, in parentheses."""
    reply = f"[{shown}]({TRUE_ADDRESS})"
    best, plain = format_candidates(reply, allow_rich=False)

    assert escape_mentions(reply).endswith(f" ({TRUE_ADDRESS})")
    assert PlainTextRenderer().render(reply).endswith(f" ({TRUE_ADDRESS})")
    assert "".join(render_texts(reply)).endswith(f" ({TRUE_ADDRESS})")
    assert plain.arguments["text"].endswith(f" ({TRUE_ADDRESS})")
    assert best.arguments["text"].endswith(f'(<a href="{TRUE_ADDRESS}">{TRUE_ADDRESS}</a>)')


@pytest.mark.parametrize(
    "shown, address",
    [
        ("evil.example", TRUE_ADDRESS),
        ("our page", TRUE_ADDRESS),
        ("version 1.2.3", TRUE_ADDRESS),
        ("3.5 percent", TRUE_ADDRESS),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1&b=2"),
    ],
)
def test_other_links_are_left_as_they_are(shown: str, address: str) -> None:
    """Words, numbers and the address itself hide nothing."""
    assert not is_disguised(shown, address)


FORMS = [
    f"[bank.example]({TRUE_ADDRESS})",
    f"[bank.example](<{TRUE_ADDRESS}>)",
    f"[bank.example](\n{TRUE_ADDRESS})",
    f"[bank.example](\n{TRUE_ADDRESS}\n)",
    f"[bank.example]( {TRUE_ADDRESS} 'our bank')",
    f"[bank.example]({TRUE_ADDRESS}\n(our bank))",
    f"[our\nbank.example]({TRUE_ADDRESS})",
    f"[a [bank.example] b]({TRUE_ADDRESS})",
    f"[a [b [bank.example]] c]({TRUE_ADDRESS})",
    f"[**bank.example**]({TRUE_ADDRESS})",
    f"[`bank.example`]({TRUE_ADDRESS})",
    f"![bank.example]({TRUE_ADDRESS})",
    f"[bank.example][1]\n\n[1]: {TRUE_ADDRESS}",
    f"[1]: {TRUE_ADDRESS}\n\n[bank.example][1]",
    f"[1]: {TRUE_ADDRESS}\n\n[**bank.example**][1]",
    f"[**bank.example**][1]\n\n[1]: {TRUE_ADDRESS}",
    f"[bank.example]: {TRUE_ADDRESS}\n\n[bank.example]",
    f"[bank.example]: <{TRUE_ADDRESS}>\n\n[bank.example][]",
]


def links(markdown: str) -> list[tuple[str, str]]:
    """Returns the words and the address of each link that Slack makes of a text."""
    found, words = list[tuple[str, str]](), ""
    tokens = [one for token in MarkdownIt().parse(markdown) for one in token.children or []]
    for token in tokens:
        words = "" if token.type == "link_open" else words + token.content
        if token.type == "link_open":
            href = str(token.attrs["href"])
        elif token.type == "link_close":
            found.append((words, href))
        elif token.type == "image":
            found.append((token.content, str(token.attrs["src"])))
    return found


@pytest.mark.parametrize("reply", FORMS)
@pytest.mark.parametrize(
    "dialect",
    [PlainTextRenderer(), WhatsAppRenderer(), TelegramHtmlRenderer(), TelegramRichRenderer()],
    ids=lambda dialect: type(dialect).__name__,
)
def test_every_form_of_a_disguise_is_shown_with_both_addresses(dialect: Lines, reply: str) -> None:
    """The words and the true address are both seen, wherever the address stands in the Markdown."""
    shown = re.sub("<[^>]*>", "", dialect.render(reply))

    assert "bank.example" in shown
    assert TRUE_ADDRESS in shown


@pytest.mark.parametrize("reply", FORMS)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_slack_makes_no_link_of_any_form_of_a_disguise(reply: str, step: int) -> None:
    """No link's words say another address than the link leads to, however the reply arrives."""
    settled, shown, before = StablePrefix(), "", ""
    text = f"Log in at {reply}\n\nand go on with what you did before."
    for end in [*range(0, len(text), step), len(text)]:
        growing = text[: settled.length_of(text[:end])] if end < len(text) else text
        shown += addition(growing, growing[len(before) :])
        before = growing

    assert "bank.example" in shown
    assert TRUE_ADDRESS in shown
    assert not [words for words, href in links(shown) if is_disguised(words, href)]


@pytest.mark.parametrize(
    "reply, shown",
    [
        (f"[bank.example](<{TRUE_ADDRESS}>)", f"bank.example ({TRUE_ADDRESS})"),
        (f"[bank.example][1]\n\n[1]: {TRUE_ADDRESS}", f"[bank.example][1]\n\n\\[1]: {TRUE_ADDRESS}"),
        (
            f"[bank.example][]\n\n[bank.example]: {TRUE_ADDRESS}",
            f"[bank.example][]\n\n\\[bank.example]: {TRUE_ADDRESS}",
        ),
        (f"![bank.example][1]\n\n[1]: {TRUE_ADDRESS}", f"![bank.example][1]\n\n\\[1]: {TRUE_ADDRESS}"),
        (f"[1]: {TRUE_ADDRESS}\n\n[bank.example][1]", f"[1]: {TRUE_ADDRESS}\n\n\\[bank.example][1]"),
        (f"[our page][1]\n\n[1]: {TRUE_ADDRESS}", f"[our page][1]\n\n[1]: {TRUE_ADDRESS}"),
    ],
)
def test_slack_makes_no_link_of_a_disguised_reference(reply: str, shown: str) -> None:
    """The second of the link and its definition is text, so that both are seen."""
    assert escape_mentions(reply) == shown
    if "our page" not in reply:
        assert f"({TRUE_ADDRESS})" in PlainTextRenderer().render(reply)
