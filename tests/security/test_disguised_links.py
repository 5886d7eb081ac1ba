"""Links whose text is another address than the one they lead to: the true one is shown in every dialect."""

from __future__ import annotations

import pytest

from repartee.channels.markup import PlainTextRenderer
from repartee.channels.markup.addresses import is_disguised
from repartee.channels.slack.formatting import escape_mentions
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
