"""What a model's text must not do in Slack by itself: ping anybody."""

from __future__ import annotations

import re

CONTROL_SEQUENCE = re.compile(r"<(?=[!@#])")
"""How Slack marks what pings (`<!channel>`, `<@U1>`) or links (`<#C1>`)."""

ZERO_WIDTH_SPACE = "\u200b"


def harmless(text: str) -> str:
    """The text such that nothing in it can ping a channel or a person."""
    return CONTROL_SEQUENCE.sub("<" + ZERO_WIDTH_SPACE, text)
