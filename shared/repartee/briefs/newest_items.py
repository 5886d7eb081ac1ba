"""Lists what is new for a project without a model: the newest lines, as they were said."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.escaping import escape_markdown
from repartee.ports.briefs import SourceItem

MAX_LISTED_ITEMS = 5
MAX_LISTED_CHARS = 160
"""Characters of one listed item."""


def list_newest(items: Sequence[SourceItem]) -> str:
    """Returns the newest items as points, oldest first, each with its author and its link. What people wrote
    is shown letter by letter."""
    return "\n".join(map(_format_point, items[-MAX_LISTED_ITEMS:]))


def _format_point(item: SourceItem) -> str:
    said = " ".join(item.text.split())
    shown = said if len(said) <= MAX_LISTED_CHARS else f"{said[: MAX_LISTED_CHARS - 1].rstrip()}…"
    author = f"{escape_markdown(item.author)}: " if item.author else ""
    link = f" [↗]({item.link})" if item.link else ""
    return f"- {author}{escape_markdown(shown)}{link}"
