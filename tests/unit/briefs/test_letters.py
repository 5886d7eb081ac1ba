"""Letters as mail clients show them: in both colour schemes, on a narrow screen, from either side, and
without anything from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from repartee.channels.markup.letter import LetterRenderer
from repartee.domain.email import Letter
from tests.support.console_browser import needs_chromium

BODY = """\
**Lisbon**
- Ben signed the lease. [↗](https://acme.slack.com/archives/C1/p1789)
- `code`, ~~old~~ and *new*

## Heading
1. one
2. two

> quoted

| Task | Due |
|---|--:|
| Send the offer to DonaudampfschifffahrtsgesellschaftskapitänDonaudampfschifffahrtsgesellschaft | Friday |

```
a < b
```

---
![a chart](https://pictures.example/chart.png)
"""
LETTER = Letter(
    title="Your brief for Thursday, 10 September",
    body=BODY,
    language="en",
    button="Yes",
    button_url="https://links.example/?a=1&b=2",
    footer="As you asked.",
    footer_link="No more e-mails",
    footer_url="https://links.example/?token=x",
)
ARABIC = msgspec.structs.replace(LETTER, language="ar", title="موجزك", body="- وقّع بن العقد\n- English words")


def render(letter: Letter = LETTER) -> str:
    return LetterRenderer().render_html(letter)


class Tags(HTMLParser):
    """The tags and attributes of a page, and those that were left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_everything_is_closed_and_styled_in_its_place() -> None:
    """Clients that drop the style sheet show it all the same; nothing is in it that they block."""
    tags = Tags(render())

    assert tags.open == []
    styled = {"p", "ul", "ol", "li", "h1", "h2", "a", "td", "th", "pre", "blockquote", "hr", "code"}
    assert [tag for tag, attributes in tags.found if tag in styled and "style" not in attributes] == []
    forbidden = {"script", "img", "link", "form", "iframe", "svg", "video"}
    assert {tag for tag, _ in tags.found} & forbidden == set()


def test_nothing_is_loaded_from_elsewhere() -> None:
    """A picture is a link: who opens the mail tells nobody."""
    page = render()

    assert "url(" not in page
    assert " src=" not in page
    assert '<a href="https://pictures.example/chart.png"' in page


@pytest.mark.parametrize(
    "body, shown",
    [
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("[press](javascript:alert(1))", "press (javascript:alert(1))"),
        ('[a](https://a.example/"onclick="x)', "https://a.example/&quot;onclick=&quot;x"),
        ("[https://bank.example](https://evil.example)", "</a> (https://evil.example)"),
        ("a & b", "a &amp; b"),
    ],
)
def test_what_others_wrote_is_text(body: str, shown: str) -> None:
    """It makes no tag, no attribute, and no address that is another than it says."""
    page = render(msgspec.structs.replace(LETTER, body=body))

    assert shown in page
    assert Tags(page).open == []
    assert not [one for _, one in Tags(page).found if "onclick" in one]


def test_the_title_is_text_too() -> None:
    """In the heading and in the head."""
    assert render(msgspec.structs.replace(LETTER, title="<b>&")).count("&lt;b&gt;&amp;") == 2


def test_the_language_says_from_which_side() -> None:
    """The page, its lists and its quotes; a block runs as its own words do."""
    assert '<html lang="en" dir="ltr">' in render()
    page = render(ARABIC)
    assert '<html lang="ar" dir="rtl">' in page
    assert "padding-right:22px" in page
    assert 'dir="auto"' in page


def test_the_text_says_the_same() -> None:
    """Without marks, with every address."""
    text = LetterRenderer().render_text(LETTER)

    assert text.startswith("Your brief for Thursday, 10 September\n\nLisbon\n")
    for part in (
        "• Ben signed the lease. ↗ (https://acme.slack.com/archives/C1/p1789)",
        "Yes: https://links",
    ):
        assert part in text
    assert text.endswith("-- \nAs you asked.\nNo more e-mails: https://links.example/?token=x\n")
    assert not re.search(r"\*\*|</", text)


def open_letter(browser: Browser, letter: Letter, scheme: str) -> Page:
    page = browser.new_page(viewport={"width": 320, "height": 500}, color_scheme=scheme)  # type: ignore[arg-type]
    page.on("request", lambda request: pytest.fail(f"asks for {request.url}"))
    page.set_content(render(letter))
    return page


@needs_chromium
@pytest.mark.parametrize("letter", [LETTER, ARABIC], ids=["english", "arabic"])
@pytest.mark.parametrize("scheme, ground", [("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 27, 34)")])
def test_it_fits_a_phone_in_both_schemes(browser: Browser, letter: Letter, scheme: str, ground: str) -> None:
    """Nothing is wider than 320 pixels, the ground is light or dark, and every text stands out from it."""
    page = open_letter(browser, letter, scheme)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.eval_on_selector(".paper", "e => getComputedStyle(e).backgroundColor") == ground
    colours = page.eval_on_selector_all(
        ".paper p, .paper li, .paper h1, .paper td",
        "all => all.map(e => getComputedStyle(e).color.match(/\\d+/g).map(Number))",
    )
    assert {max(one) < 60 if scheme == "light" else min(one) > 200 for one in colours} == {True}
    page.close()
