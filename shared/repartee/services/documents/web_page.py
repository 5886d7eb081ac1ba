"""Reads web pages as Markdown, through markdownify."""

from __future__ import annotations

import re
from typing import Any

from repartee.services.documents import markdown
from repartee.services.documents.encodings import MAX_BYTES, decoded, is_cut
from repartee.services.documents.extract import Extract

UNSEEN = (
    "script",
    "style",
    "template",
    "noscript",
    "svg",
    "head",
    "iframe",
    "object",
    "canvas",
    "math annotation",
)
UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
SPACES = re.compile(r"\s+")

CELL, ROW = "\x1f", "\x1e"
"""Characters that end a cell and a row until the whole table is known."""

MAX_SPAN = 100
"""Rows that one cell may reach over."""


def read(content: bytes, into: Extract) -> None:
    """Adds what a browser would show of the page."""
    into.add(markdown_of(_text(content)))
    if is_cut(content):
        into.cut_off()


def markdown_of(page: str) -> str:
    """Returns the page's title and text as Markdown."""
    from bs4 import BeautifulSoup, Doctype

    soup = BeautifulSoup(page, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for declaration in soup.find_all(string=lambda text: isinstance(text, Doctype)):
        declaration.extract()
    _tidy(soup)
    try:
        text = _converter().convert_soup(soup)
    except RecursionError:
        text = soup.get_text("\n")
    return f"{title}\n\n{text}" if title and title not in text else text


def _converter() -> Any:
    from markdownify import MarkdownConverter

    class Converter(MarkdownConverter):
        """Writes tables as we do elsewhere, and none around what a page only arranges by a table."""

        def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
            columns = str(el.get("colspan", "1"))
            return f"{text}{CELL * (min(int(columns), MAX_SPAN) if columns.isdigit() else 1)}"

        convert_th = convert_td

        def convert_sup(self, el: Any, text: str, parent_tags: set[str]) -> str:
            return markdown.raised(text)

        def convert_tr(self, el: Any, text: str, parent_tags: set[str]) -> str:
            return f"{text}{ROW}"

        def convert_table(self, el: Any, text: str, parent_tags: set[str]) -> str:
            rows = [row.split(CELL)[:-1] for row in text.split(ROW) if row.strip()]
            if el.find("table") or max(map(len, rows), default=0) < 2:
                return "\n\n" + text.replace(ROW, "\n\n").replace(CELL, "\n") + "\n\n"
            return f"\n\n{markdown.table(rows)}\n"

    return Converter(
        heading_style="ATX",
        bullets="-",
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
    )


def _text(content: bytes) -> str:
    """Decodes by what the page says of itself, else by what it looks like."""
    stated = CHARSET.search(content[:2048])
    try:
        return content[:MAX_BYTES].decode(stated[1].decode("ascii")) if stated else decoded(content)
    except (UnicodeDecodeError, LookupError):
        return decoded(content)


def _tidy(soup: Any) -> None:
    """Takes out what is not shown, and writes what Markdown has no mark for."""
    for element in soup.find_all(UNSEEN) + soup.find_all(hidden=True) + soup.find_all(style=UNSEEN_STYLE):
        element.decompose()
    for picture in soup.find_all("img"):
        about = SPACES.sub(" ", picture.get("alt") or "").strip()
        picture.replace_with(f"[picture: {about}]" if about else "")
    for link in soup.find_all("a"):
        if not (link.get("href") or "").startswith(("http:", "https:", "mailto:", "tel:")):
            link.unwrap()
    for text in soup.find_all(string=True):
        if not text.find_parent(["pre", "textarea"]):
            text.replace_with(SPACES.sub(" ", text))
    for cell in soup.find_all(["td", "th"], rowspan=True):
        _repeat_below(cell)
    _show_inputs(soup)


def _repeat_below(cell: Any) -> None:
    """Repeats a cell that reaches over rows in each of them."""
    stated = str(cell.get("rowspan", ""))
    row, place = cell.find_parent("tr"), len(cell.find_previous_siblings(["td", "th"]))
    del cell["rowspan"]
    for _ in range(min(int(stated), MAX_SPAN) - 1 if stated.isdigit() else 0):
        row = row.find_next_sibling("tr") if row else None
        if row is None:
            return
        row.insert(_child_place(row, place), _copy(cell))


def _copy(cell: Any) -> Any:
    import copy

    return copy.copy(cell)


def _child_place(row: Any, place: int) -> int:
    cells = row.find_all(["td", "th"], recursive=False)
    return row.index(cells[place]) if place < len(cells) else len(row.contents)


def _show_inputs(soup: Any) -> None:
    """Shows what is filled into a form."""
    for field in soup.find_all("input"):
        if field.get("type") in ("checkbox", "radio"):
            field.replace_with("☒ " if field.has_attr("checked") else "☐ ")
        elif field.get("type") not in ("hidden", "password", "submit", "button"):
            field.replace_with(field.get("value") or "")
