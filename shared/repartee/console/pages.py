"""Makes pages of templates: everything that is stored is escaped, Markdown is read by a safe renderer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

FOLDER = Path(__file__).parent
STATIC_FOLDER = FOLDER / "static"
PREFIX = "/console"
"""The path under which the console stands."""

NOTHING = "\N{EN DASH}"
"""Stands where there is no value."""

VERSION_CHARS = 12
"""Characters of a file's hash in its address, so that browsers may keep it for good."""


class NavigationItem(msgspec.Struct, frozen=True):
    """A section of the console, as the navigation names it."""

    path: str
    title: str


class Pages:
    """The templates of the console."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "ms": format_milliseconds,
            "clock": format_clock,
            "day": format_day,
            "usd": format_dollars,
            "count": format_count,
            "percent": format_percent,
            "markdown": render_markdown,
            "changed": msgspec.structs.replace,
            "address": lambda chosen: chosen.address(),
        }
        self._environment.globals |= {"prefix": PREFIX, "static": static_url}

    def load_templates(self) -> None:
        """Compiles every template now, before a snapshot of the process is taken."""
        for name in self._environment.list_templates():
            self._environment.get_template(name)

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """Returns the page."""
        return self._environment.get_template(template).render(context)


@cache
def file_version(name: str) -> str:
    """Returns the version of a file: the beginning of its hash."""
    return hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()[:VERSION_CHARS]


@cache
def static_url(name: str) -> str:
    """Returns the address of a file, with its version: another file never has it."""
    return f"{PREFIX}/static/{file_version(name)}/{name}"


def format_milliseconds(value: float | None) -> str:
    """Returns a duration as people read it: 84 ms, 1.24 s, 2 min 5 s."""
    if value is None:
        return NOTHING
    if value < 1000:
        return f"{value:.0f} ms" if value >= 10 or value == 0 else f"{value:.1f} ms"
    if value < 60_000:
        return f"{value / 1000:.2f} s"
    minutes, seconds = divmod(round(value / 1000), 60)
    return f"{minutes} min {seconds} s"


def format_clock(at: float) -> str:
    """Returns the time of day (UTC)."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S") if at else NOTHING


def format_day(at: float) -> str:
    """Returns the day and the minute (UTC)."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %b %H:%M") if at else NOTHING


def format_dollars(value: float) -> str:
    """Returns an amount with as many decimals as it needs."""
    return f"${value:,.2f}" if value >= 1 or value == 0 else f"${value:.4f}"


def format_count(value: float) -> str:
    """Returns a number with its thousands apart."""
    return f"{value:,.0f}"


def format_percent(part: float) -> str:
    """Returns a share as a percentage."""
    return f"{100 * part:.1f} %" if 0 < part < 0.1 else f"{100 * part:.0f} %"


@cache
def _markdown() -> MarkdownIt:
    """Reads no HTML, and follows no address that runs a script."""
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def render_markdown(text: str) -> Markup:
    """Returns Markdown as HTML. Pictures are links: a page of the console loads nothing from elsewhere."""
    markdown = _markdown()
    tokens = markdown.parse(text)
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.type, child.content = "text", child.content or "picture"
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704  (html is off)


def shorten_around(text: str, word: str, max_chars: int) -> str:
    """Returns the part of a text in which a word stands, in any case of letters, or else its beginning."""
    at = max(text.lower().find(word.lower()), 0)
    start = max(0, min(at - max_chars // 2, len(text) - max_chars))
    end = start + max_chars
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")


def to_json(value: Any) -> str:
    """Returns JSON for an attribute of an element."""
    return json.dumps(value, separators=(",", ":"))
