"""People whom the model mentions by name: Slack shows them as mentions, and tells them.

Only people and user groups that the room knows, and only by a name that one of them alone has. Never a whole
channel: what the model writes of that kind is broken up (`formatting.escape_mentions`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from repartee.channels.markup.addresses import ZERO_WIDTH_SPACE
from repartee.channels.slack.formatting import escape_mentions

WHOLE_CHANNEL_NAMES = {"channel", "here", "everyone"}
"""Names by which everybody would be told."""

MAX_NAME_CHARS = 80
"""Characters of a name: Slack's own limit."""


class MentionLinker:
    """Turns the model's text into what Slack shows, with mentions in the place of `@Name`."""

    def __init__(self, names: Mapping[str, str], own_id: str = "") -> None:
        known = {id: name for id, name in names.items() if id != own_id and _may_be_mentioned(id, name)}
        spelt = Counter(name.casefold() for name in known.values())
        self._ids = {name.casefold(): id for id, name in known.items() if spelt[name.casefold()] == 1}
        either = "|".join(map(re.escape, sorted(self._ids, key=len, reverse=True)))
        self._pattern = re.compile(rf"(?<![\w@./<`])@({either})(?!\w)", re.IGNORECASE) if either else None

    def show(self, text: str, *, growing: bool = False) -> str:
        """The text as Slack shows it. One that is still growing is shown without the beginning of a name
        at its end, so that what is shown of it is the beginning of what the whole text becomes."""
        shown = escape_mentions(text[: self._settled_length(text)] if growing else text)
        return self._pattern.sub(self._mention, shown) if self._pattern else shown

    def show_added(self, text: str, added: str, *, growing: bool = False) -> str:
        """Returns what is to be appended to a message that shows the text but for its end."""
        before = self.show_first(text[: len(text) - len(added)])
        return self.show(text, growing=growing).removeprefix(before.removeprefix(ZERO_WIDTH_SPACE))

    def show_first(self, text: str) -> str:
        """Returns what a message shows that begins with this text: something, even where all of it may
        become a name."""
        return self.show(text, growing=True) or (ZERO_WIDTH_SPACE if text else "")

    def _settled_length(self, text: str) -> int:
        """Characters of the text that stay as they are shown, however it goes on."""
        at = text.rfind("@", max(0, len(text) - MAX_NAME_CHARS - 1))
        begun = text[at + 1 :].casefold()
        return at if at >= 0 and any(name.startswith(begun) for name in self._ids) else len(text)

    def _mention(self, found: re.Match[str]) -> str:
        id = self._ids[found.group(1).casefold()]
        return f"<!subteam^{id}>" if id.startswith("S") else f"<@{id}>"


def _may_be_mentioned(id: str, name: str) -> bool:
    is_person_or_group = re.fullmatch(r"[UWS][A-Z0-9]+", id, re.ASCII)
    return bool(is_person_or_group and 1 < len(name) <= MAX_NAME_CHARS) and (
        name.casefold() not in WHOLE_CHANNEL_NAMES
    )
