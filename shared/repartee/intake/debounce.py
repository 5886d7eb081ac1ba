"""People who write or send one thing in several messages are answered once, when they have fallen quiet.

Only where more may follow, and never for long: a lone text that is complete is not held at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repartee.domain.message import ButtonPress, Incoming, Message
from repartee.intake.combine import may_be_split

ALBUM_QUIET_SECONDS = 1.0
"""Seconds after a file of a Telegram album. Its files are posted at once; libraries wait 0.5 to 0.8 s
(NousResearch/hermes-agent#38351). SQS delays by whole seconds."""

SPLIT_QUIET_SECONDS = 1.0
"""Seconds after a part of a paste that a client may have split: parts come some 56 ms apart
(adolfousier/opencrabs#950), libraries wait 0.5 to 1.5 s (RichardAtCT/claude-code-telegram#187)."""

FILE_QUIET_SECONDS = {"telegram": 1.0, "whatsapp": 2.0}
"""Seconds after a picture or a document. WhatsApp posts each one of a series by itself, and names no album:
they come some 200 ms apart (openclaw/openclaw#79949), more if they are large. In Telegram one with words is
complete: a series there is an album."""

FORWARD_QUIET_SECONDS = {"telegram": 1.0, "whatsapp": 2.0}
"""Seconds after a forwarded message: people forward several at a time, and say what they mean by it."""

MAX_HOLD_SECONDS = 10.0
"""Seconds after the first of several messages at which they are answered, whatever else comes."""

SENTENCE_ENDS = ".?!\N{HORIZONTAL ELLIPSIS}\u3002\uff1f\uff01\u061f\u0964"
"""How a sentence ends, in Chinese, Japanese, Arabic and Hindi too."""

CLOSING_MARKS = "\"'\u201d\u2019\u00bb)]"
"""Characters that may follow the end of a sentence."""


def is_complete(message: Incoming) -> bool:
    """Whether a person has said what they wanted to say: a sentence with its end, a recording, a picture or a
    file, a command, the press of a button."""
    if not isinstance(message, Message) or message.attachments or message.command:
        return True
    return message.text.rstrip().rstrip(CLOSING_MARKS).endswith(tuple(SENTENCE_ENDS))


def quiet_after(message: Incoming, quiet_seconds: Mapping[str, float]) -> float:
    """Returns the seconds after a message in which more that belongs to it may follow. `quiet_seconds` are
    those that a channel's people are given to go on with a text, by its name; elsewhere none."""
    text_quiet = quiet_seconds.get(message.channel, 0.0)
    if not isinstance(message, Message):
        return 0.0
    if "album" in message.platform:
        return ALBUM_QUIET_SECONDS
    if may_be_split(message):
        return max(SPLIT_QUIET_SECONDS, 0.0 if is_complete(message) else text_quiet)
    if message.context and not message.text and _is_forwarded(message):
        return FORWARD_QUIET_SECONDS.get(message.channel, 0.0)
    if _is_file(message):
        return FILE_QUIET_SECONDS.get(message.channel, 0.0)
    return 0.0 if is_complete(message) else text_quiet


def wake_delay(message: Incoming, quiet_seconds: Mapping[str, float]) -> float:
    """Returns the seconds after which a message's chat is to be looked at."""
    return quiet_after(message, quiet_seconds)


def remaining_quiet(messages: Sequence[Incoming], now: float, quiet_seconds: Mapping[str, float]) -> float:
    """Seconds for which these, the oldest first, are not answered yet; 0 if they may be."""
    if not messages or isinstance(messages[-1], ButtonPress):
        return 0.0
    quiet = quiet_after(messages[-1], quiet_seconds)
    if len(messages) > 1:
        quiet = max(quiet, quiet_seconds.get(messages[-1].channel, 0.0))
    if not quiet:
        return 0.0
    fallen_quiet = max(message.received for message in messages) + quiet
    return max(0.0, min(fallen_quiet, messages[0].received + MAX_HOLD_SECONDS) - now)


def _is_forwarded(message: Message) -> bool:
    return any(part.kind == "forwarded" for part in message.context)


def _is_file(message: Message) -> bool:
    """Whether a message brings a picture or a document of which more may follow."""
    if message.channel == "telegram" and message.text:
        return False
    return any(attachment.kind != "audio" for attachment in message.attachments)
