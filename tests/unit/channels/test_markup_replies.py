"""What people see of replies as models write them, on each platform."""

# ruff: noqa: RUF001 - these are texts of many languages

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.channels.markup import (
    PlainTextRenderer,
    TelegramHtmlRenderer,
    TelegramRichRenderer,
    WhatsAppRenderer,
)
from repartee.channels.slack.formatting import escape_mentions
from repartee.channels.telegram.formatting import MAX_CLASSIC_CHARS, format_candidates
from repartee.channels.whatsapp.formatting import render_texts
from standins.slack import markdown as slack_markup
from standins.telegram import html as telegram_markup
from standins.whatsapp import markup as whatsapp_markup

REPLIES = Path(__file__).parents[2] / "data" / "markdown" / "replies"


EVIL = '<a href="https://evil.example/x">{}</a>'
LOGO = '<a href="https://a.example">{}</a>'


def reply(name: str) -> str:
    return (REPLIES / f"{name}.md").read_text("utf-8")


def whatsapp(markdown: str) -> str:
    return WhatsAppRenderer().render(markdown)


def telegram(markdown: str) -> str:
    return TelegramHtmlRenderer().render(markdown)


@pytest.mark.parametrize(
    "markdown,shown",
    [
        (reply("italic_link"), "See _the field guide_ (https://example.com/docs/field_guide_v2)."),
        (reply("bold_code"), "Write `int *next` there."),
        (reply("bold_formula"), "*3 * 4 = 12*"),
        ("**5*5 at 100 kg**", "*5*5 at 100 kg*"),
        (r"**2\*3\* and 4**", "2*3* and 4"),
        ("*x_studio_lead_source*", "_x_studio_lead_source_"),
        ("~~[notes](https://example.com/~ada/notes)~~", "~notes~ (https://example.com/~ada/notes)"),
        ("**see `a*b`, *then* go**", "*see* `a*b`*, _then_ go*"),
        ("***both***", "_*both*_"),
        ("un**believ**able", "unbelievable"),
        ("这是**重要**的", "这是\u200b*重要*\u200b的"),
        (r"\*note\* and \_private\_", "`*note*` and `_private_`"),
        ("**first\nsecond**", "*first*\n*second*"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("> said\n>\n> ```\n> x = 1\n> ```", "> said\n> \n```\nx = 1\n```"),
        ("- [ ] open\n- [x] done", "• [ ] open\n• [x] done"),
        ("1. one\n1. two", "1. one\n2. two"),
        ("1. one\n3. three", "1. one\n3. three"),
        ("Claim[^1].\n\n[^1]: https://a.example", "Claim[^1].\n\n[^1]: https://a.example"),
        ("`` a`b ``", "```a`b```"),
        ("one<br>two, the <br> tag", "one\ntwo, the <br> tag"),
        ("[here](/terms) or [x](tg://user?id=5)", "here (/terms) or x (tg://user?id=5)"),
        ("https://example.com/a_b_(c)/~ada/*", "https://example.com/a_b_(c)/~ada/*"),
        ("https://example.com/__init__/a", "`https://example.com/__init__/a`"),
        ("<ada@example.com>", "ada@example.com"),
    ],
)
def test_whatsapp_marks_words_and_leaves_characters(markdown: str, shown: str) -> None:
    """Marks stand outside of words, code and addresses; where one cannot be expressed it goes."""
    assert whatsapp(markdown) == shown


@pytest.mark.parametrize(
    "markdown,shown",
    [
        (reply("cjk_bold_1"), "边界：<b>社区显示：</b>Fable 与 <b>有效</b>。"),
        ("**Note:**text", "<b>Note:</b>text"),
        ("他说**“你好”**然后", "他说<b>“你好”</b>然后"),
        ("*「強調」*です", "<i>「強調」</i>です"),
        ("~~旧：~~新 and ~old~", "<s>旧：</s>新 and <s>old</s>"),
        ("f(*args, **kwargs) and g(**kwargs)", "f(*args, **kwargs) and g(**kwargs)"),
        ("a.*b.*c and *.py", "a.*b.*c and *.py"),
        ("2*3*4 = 24, x**2 + y**2, **12**km", "2*3*4 = 24, x**2 + y**2, <b>12</b>km"),
        ("__init__.py, obj.__call__() and __bold__", "__init__.py, obj.__call__() and <b>bold</b>"),
        ("~5 to ~10 km", "~5 to ~10 km"),
        (
            "[https://bank.example](https://evil.example/x)",
            f"{EVIL.format('https://bank.example')} ({EVIL.format('https://evil.example/x')})",
        ),
        ("[example.com](https://www.example.com/)", '<a href="https://www.example.com/">example.com</a>'),
        ("[Köln](https://de.example/wiki/Köln)", '<a href="https://de.example/wiki/Köln">Köln</a>'),
        (
            "[![logo](https://i.example/l.png)](https://a.example)",
            f"{LOGO.format('logo (https://i.example/l.png)')} ({LOGO.format('https://a.example')})",
        ),
        ("שלום **עולם** 12", "שלום <b>עולם</b> 12"),
        ("👨‍👩‍👧 **👍🏽 ok**", "👨‍👩‍👧 <b>👍🏽 ok</b>"),
    ],
)
def test_telegram_shows_what_people_mean(markdown: str, shown: str) -> None:
    """Emphasis beside punctuation is emphasis, names and formulas are not, and no link is disguised."""
    assert telegram(markdown) == shown


CODE = reply("code_npm_scope")


@pytest.mark.parametrize(
    "text",
    [
        whatsapp_markup.seen(WhatsAppRenderer().render(CODE)).text,
        telegram_markup.visible_classic_text(TelegramHtmlRenderer().render(CODE)),
        telegram_markup.visible_rich_text(TelegramRichRenderer().render(CODE)),
        slack_markup.seen(escape_mentions(CODE)).code[0],
        PlainTextRenderer().render(CODE),
    ],
)
def test_code_can_be_copied(text: str) -> None:
    """There is no invisible character in it."""
    assert "npm install @acme/tools" in text


def test_links_of_a_table_can_be_followed() -> None:
    """Each cell stays, and the first column's header too."""
    table = reply("table_links")

    assert whatsapp(table).splitlines() == [
        "*Lead — Link*",
        "• *Desks for Lisbon, Azure Interior* — open (https://erp.example.com/odoo/crm.lead/7)",
        "• *Office chairs for Deco Addict* — open (https://erp.example.com/odoo/crm.lead/8)",
    ]
    assert '<a href="https://erp.example.com/odoo/crm.lead/7">open</a>' in telegram(table)


def test_a_wide_table_fits_without_rich_messages() -> None:
    """It is no longer than its Markdown, whichever form Telegram takes, and whole."""
    table = reply("table_wide")

    html, plain = format_candidates(table, allow_rich=False)

    assert len(telegram_markup.visible_classic_text(html.arguments["text"])) <= MAX_CLASSIC_CHARS
    assert len(plain.arguments["text"]) <= MAX_CLASSIC_CHARS
    assert all(f"C{number} " in plain.arguments["text"] for number in range(100) if f"C{number} " in table)
    assert len(list(render_texts(table))) == 1


def test_code_in_the_last_form_is_code_to_telegram() -> None:
    """So that it looks for no names in it, although nothing invisible breaks them up."""
    *_, plain = format_candidates("👍 Run `npm i @acme/tools`, @ada", allow_rich=False)

    assert plain.arguments == {
        "text": "👍 Run npm i @acme/tools, @\u200bada",
        "entities": [{"type": "code", "offset": 7, "length": 17}],
    }


@pytest.mark.parametrize(
    "markdown,shown",
    [
        ("<!channel> and <@U0BEN>", "<\u200b!channel> and <\u200b@U0BEN>"),
        (r"\<!here> @everyone", "\\<\u200b!here> @\u200beveryone"),
        ("`<!channel>` @acme", "`&lt;!channel>` @acme"),
        (
            "```html\n<!DOCTYPE html>\n<!-- x -->\n<@U0BEN>\n```",
            "```html\n<!DOCTYPE html>\n<!-- x -->\n&lt;@U0BEN>\n```",
        ),
        ("<!DOCTYPE html> <!-- x -->", "<!DOCTYPE html> <!-- x -->"),
        ("边界：**社区显示：**Fable", "边界：**社区显示：\u200b**Fable"),
        ("词**（注）**词", "词**\u200b（注）\u200b**词"),
        ("`**：**x`", "`**：**x`"),
        ("https://a.example/a*b*c(d*e*f)", "https://a.example/a*b*c(d*e*f)"),
        ("2*3*4, x**2 + y**2, `2*3*4`", r"2*3\*4, x\*\*2 + y\*\*2, `2*3*4`"),
        ("[https://a.example](https://b.example)", "https://a.example (https://b.example)"),
        ("[a guide](https://b.example)", "[a guide](https://b.example)"),
        ("**Note: **text and **b** `**a: **b`", "**Note: \u200b**text and **b** `**a: **b`"),
    ],
)
def test_slack_is_given_markdown_that_pings_nobody(markdown: str, shown: str) -> None:
    """Control sequences are broken up, in code by Slack's own escaping; the rest of Markdown stays."""
    assert escape_mentions(markdown) == shown
