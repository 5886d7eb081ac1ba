"""The examples of CommonMark and GFM, cut at every place as a stream is, in every dialect.

A sample by default; all of them with `HYPOTHESIS_PROFILE=thorough`.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable

import pytest

from repartee.channels.markdown import stable_prefix_length
from repartee.channels.markup import PlainTextRenderer, TelegramRichRenderer
from repartee.channels.slack.formatting import escape_mentions
from repartee.channels.telegram.formatting import format_candidates
from repartee.channels.whatsapp.formatting import render_texts
from standins.slack import markdown as slack_markup
from standins.telegram import html as telegram_markup
from standins.whatsapp import markup as whatsapp_markup
from tests.support.markdown_reference import Said, examples, letters, prefixes, said, says

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"

TEXTS = prefixes(sample=0 if THOROUGH else 600)

ANCHOR = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
SHOWN_TWICE = re.compile(r' \(<a href="([^"]*)">[^<]*</a>\)')


def whatsapp(markdown: str) -> str:
    """What people see in WhatsApp."""
    return "\n".join(whatsapp_markup.seen(text).text for text in render_texts(markdown))


def telegram(markdown: str) -> str:
    """What people see in a classic message, with the addresses that its links lead to."""
    html_form, _ = format_candidates(markdown, allow_rich=False)
    return _followed(html_form.arguments["text"], telegram_markup.visible_classic_text)


def rich(markdown: str) -> str:
    """What people see in a rich message, with the addresses that its links lead to."""
    shown = TelegramRichRenderer().render(markdown)
    if not re.sub("<[^>]*>", "", shown).strip():
        return ""
    return _followed(shown, telegram_markup.visible_rich_text)


def plain(markdown: str) -> str:
    """What people see where no marks are taken."""
    return PlainTextRenderer().render(markdown)


def _followed(shown: str, seen: Callable[[str], str]) -> str:
    """The text with each link's address behind it, unless the link says it."""
    seen(shown)  # as it is sent
    return seen(ANCHOR.sub(_with_address, SHOWN_TWICE.sub("", shown)))


def _with_address(link: re.Match[str]) -> str:
    words = html.unescape(re.sub("<[^>]*>", "", link[2]))
    address = html.unescape(link[1])
    return link[2] if says(words, address) else link[2] + html.escape(address)


DIALECTS = [whatsapp, telegram, rich, plain]


@pytest.mark.parametrize("seen", DIALECTS)
def test_no_letter_digit_or_address_is_lost_or_added(seen: Callable[[str], str]) -> None:
    """What people see is what a reference parser says, in its order, and what the platform takes."""
    wrong = []
    for text in TEXTS:
        meant = said(text)
        expected = meant.letters if seen is rich else meant.numbered
        if (shown := letters(seen(text))) != expected:
            wrong.append((text, shown, expected))

    assert not wrong


@pytest.mark.parametrize("seen", DIALECTS)
def test_no_character_of_code_is_lost_or_added(seen: Callable[[str], str]) -> None:
    """Each line of code is there as it is. Only WhatsApp knows no way to show a fence within code."""
    wrong = []
    for text in TEXTS:
        shown = seen(text)
        lines = [line.strip() for line in said(text).code if not (seen is whatsapp and "```" in line)]
        wrong += [(text, line) for line in lines if line not in shown]

    assert not wrong


def test_slack_is_told_the_same() -> None:
    """Slack reads Markdown itself: what it is given says the same and pings nobody."""
    for text in TEXTS:
        seen = slack_markup.seen(escape_mentions(text))
        meant: Said = said(text)

        assert said(escape_mentions(text)).letters == meant.letters
        assert [line for one in seen.code for line in one.split("\n") if line.strip()] == meant.code


def test_appended_text_is_the_final_text() -> None:
    """In whatever pieces a text comes, what Slack was given to append is what the whole text becomes."""
    for text in examples():
        whole = escape_mentions(text)
        for end in range(len(text) + 1):
            growing = text[:end]
            assert whole.startswith(escape_mentions(growing[: stable_prefix_length(growing)])), growing
