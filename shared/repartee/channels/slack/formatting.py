"""What a model's text must not do in Slack by itself: ping anybody."""

from __future__ import annotations

import re

MENTION_OR_LINK_START = re.compile(r"<(?=[!@#])")
"""How Slack marks what pings (`<!channel>`, `<@U1>`) or links (`<#C1>`)."""

ZERO_WIDTH_SPACE = "\u200b"


def escape_mentions(text: str) -> str:
    """The text such that nothing in it can ping a channel or a person."""
    return MENTION_OR_LINK_START.sub("<" + ZERO_WIDTH_SPACE, text)
