"""The assistant's own mention in a message's text."""

from __future__ import annotations

import pytest

from repartee.channels.slack.text import strip_own_mention


@pytest.mark.parametrize("bot", ["U0REPARTEE", "U)(", "U+[", "U\\1"])
def test_whatever_the_id_holds_it_is_no_pattern(bot: str) -> None:
    """An event may tell any id; the words around the mention stay."""
    assert strip_own_mention(f"<@{bot}|repartee>: who has the keys?", bot) == "who has the keys?"
