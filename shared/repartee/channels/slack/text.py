"""Slack's markup as text that people see. Decoded once, when a message arrives.

https://docs.slack.dev/messaging/formatting-message-text. A mention of a person or a user group without a
label becomes `<@U1>`, `<@S1>`: `domain.names` finds it again when the name is known.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

MARKUP = re.compile(r"<([^<>\n]+)>")
"""Everything in angle brackets is markup: what a person types as one comes escaped."""

PERSON_MENTION = re.compile(r"<@([UW][A-Z0-9]{1,31})(?:\|([^<>]*))?>", re.ASCII)
GROUP_MENTION = re.compile(r"<!subteam\^(S[A-Z0-9]{1,31})(?:\|([^<>]*))?>", re.ASCII)

ADDRESS_MARKS = r"[\s,:;،、，：；]*(?:[-–—]\s+)?"
"""Marks that people write between the name of the assistant and what they say to it."""


def decode_text(raw: str) -> str:
    """The text with names, labels and addresses in the place of markup, and without escapes."""
    parts, end = [], 0
    for found in MARKUP.finditer(raw):
        parts += [unescape(raw[end : found.start()]), _decode_markup(found.group(1))]
        end = found.end()
    return "".join([*parts, unescape(raw[end:])])


def strip_own_mention(raw: str, bot_user_id: str) -> str:
    """The text without mentions of the assistant, and without the colon or comma that goes with one."""
    if not bot_user_id or f"<@{bot_user_id}" not in raw:
        return raw.strip()
    own = rf"<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>"
    text = re.sub(rf"^\s*(?:{own}{ADDRESS_MARKS})+", "", raw)
    text = re.sub(rf"[\s,،、，]*(?:{own}\s*)+$", "", text)
    text = re.sub(rf"\s*{own}(?=[\s,.:;!?]|$)", "", text)
    return re.sub(own, "", text).strip()


def unescape(text: str) -> str:
    """The text with the three characters that Slack escapes. Each is decoded once: `&amp;lt;` is `&lt;`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def show_link(address: str, label: str) -> str:
    """A link as people see it, with the address that they would open where the label does not tell it."""
    seen = address.partition(":")[2] if address.startswith(("mailto:", "tel:")) else address
    if not label or _bare(label) == _bare(seen):
        return label if label and address != seen else seen
    return f"{label} ({seen})"


def _decode_markup(markup: str) -> str:
    target, _, label = markup.partition("|")
    label = unescape(label)
    if target.startswith("@"):
        return f"@{label.removeprefix('@')}" if label else f"<{target}>"
    if target.startswith("#"):
        return f"#{label.removeprefix('#') or target[1:]}"
    if target.startswith("!"):
        return _decode_command(target[1:], label)
    return show_link(unescape(target), label)


def _decode_command(command: str, label: str) -> str:
    """`<!here>`, `<!subteam^S1>`, `<!date^…>`: https://docs.slack.dev/messaging/formatting-message-text#special."""
    name, *rest = command.split("^")
    if name == "subteam":
        return f"@{label.removeprefix('@')}" if label else f"<@{rest[0] if rest else name}>"
    if name == "date":
        return label or show_date(rest[0] if rest else "")
    return f"@{label.removeprefix('@') or name}"


def show_date(seconds: str | float) -> str:
    """A point in time for which Slack gave no text."""
    try:
        return f"{datetime.fromtimestamp(float(seconds), UTC):%Y-%m-%d %H:%M UTC}"
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def _bare(address: str) -> str:
    return re.sub(r"^https?://", "", address).rstrip("/").casefold()
