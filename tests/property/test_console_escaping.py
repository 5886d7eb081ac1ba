"""Stored content is text in every page of the console: what people and models wrote runs nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, nodes

from repartee.console.pages import FOLDER, Pages, render_markdown

TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
ALLOWED_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "ul", "ol", "li", "blockquote", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ALLOWED_ATTRIBUTES = frozenset({"href", "title", "start", "class", "style"})
PIECES = st.sampled_from(
    [
        *(
            "<script>",
            "</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "<",
            ">",
            '"',
            "'",
        ),
        *(
            "[a](",
            ")",
            "![b](",
            "javascript:alert(1)",
            "JaVaScRiPt&#58;alert(1)",
            "data:text/html,<b>",
            "vbscript:x",
        ),
        *(
            "https://example.com/",
            "<https://example.com>",
            "`",
            "```",
            "**",
            "_",
            "\n",
            "\n\n",
            "&lt;",
            "&#60;",
            "|",
        ),
        *(
            "{{ 7 * 7 }}",
            "{% raw %}",
            "--><b>",
            "]]>",
            "\x00",
            "\u2028",
            "\\",
            "# ",
            "- ",
            "> ",
            "<!--",
            "a",
            "1. ",
        ),
    ]
)
HOSTILE_TEXT = st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join)


class Elements(HTMLParser):
    """Lists the elements of HTML, as browsers see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("!--", {}))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("!", {}))


@given(HOSTILE_TEXT)
@example("[a](javascript:alert(1))<img src=x onerror=alert(1)>")
@example("![x](https://evil.example/pixel.png)")
def test_markdown_of_strangers_makes_harmless_elements_alone(text: str) -> None:
    """No script, no picture from elsewhere, no handler of an event, and no address that runs something."""
    for tag, attributes in Elements(str(render_markdown(text))).found:
        assert tag in ALLOWED_TAGS
        assert attributes.keys() <= ALLOWED_ATTRIBUTES
        scheme = urlsplit((attributes.get("href") or "").strip()).scheme.lower()
        assert scheme in ("", "http", "https", "mailto")
        assert re.fullmatch(r"(text-align: ?\w+)?", attributes.get("style") or "")


@given(HOSTILE_TEXT)
def test_a_stored_text_makes_no_element(text: str) -> None:
    """In a page, between elements and in their attributes."""
    environment = Pages()._environment
    template = environment.from_string('<p title="{{ text }}">{{ text }}</p>')
    ((tag, attributes),) = Elements(template.render(text=text)).found
    assert (tag, set(attributes)) == ("p", {"title"})


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_lets_anything_past_the_escaping(path: Any) -> None:
    """None marks a value as safe, switches escaping off, or puts a value where it would be a script or style,
    or an attribute without quotes."""
    text = path.read_text()
    tree = Environment(autoescape=True).parse(text)
    assert not [one.name for one in tree.find_all(nodes.Filter) if one.name == "safe"]
    assert "autoescape" not in text
    assert not list(tree.find_all(nodes.EvalContextModifier))
    assert not re.search(r"<(script|style)\b[^>]*>[^<]*\{\{", text)
    assert not re.search(r"\s[\w-]+=\{\{", text)
    assert not re.search(r"\son\w+=", text)
