"""Forms of emphasis, code, links, lists and characters, as people see them in Telegram and in WhatsApp."""

# ruff: noqa: RUF001 - these are texts of many languages

from __future__ import annotations

import pytest

from repartee.channels.markup import PlainTextRenderer, TelegramHtmlRenderer, WhatsAppRenderer
from tests.support.markdown_reference import letters, said

FORMS = [
    ("**Note: **text, **bold** too", "<b>Note: </b>text, <b>bold</b> too", "*Note:* text, *bold* too"),
    ("- **Größe: **5", "• <b>Größe: </b>5", "• *Größe:* 5"),
    ("f(**kwargs: **other)", "f(**kwargs: **other)", "f(**kwargs: **other)"),
    ("`**a: **b` **a: ** b", "<code>**a: **b</code> **a: ** b", "`**a: **b` `**a:` `**` b"),
    ("**价格：**100元", "<b>价格：</b>100元", "*价格：*\u200b100元"),
    ("**「重要」**です。", "<b>「重要」</b>です。", "*「重要」*\u200bです。"),
    ("これは**（注）**です", "これは<b>（注）</b>です", "これは\u200b*（注）*\u200bです"),
    ("**注意!**请看", "<b>注意!</b>请看", "*注意!*\u200b请看"),
    ("*斜体*文字", "<i>斜体</i>文字", "_斜体_\u200b文字"),
    ("文字*斜体*文字", "文字<i>斜体</i>文字", "文字\u200b_斜体_\u200b文字"),
    ("__重要__です", "<b>重要</b>です", "*重要*\u200bです"),
    ("**강조(强调)**입니다", "<b>강조(强调)</b>입니다", "*강조(强调)*\u200b입니다"),
    ("~~旧价格~~新价格", "<s>旧价格</s>新价格", "~旧价格~\u200b新价格"),
    ("**a**、**b**。", "<b>a</b>、<b>b</b>。", "*a*、*b*。"),
    ("`a*b` and *c*", "<code>a*b</code> and <i>c</i>", "`a*b` and _c_"),
    ("**`npm i`** runs", "<b><code>npm i</code></b> runs", "`npm i` runs"),
    ("*`x_1`* is it", "<i><code>x_1</code></i> is it", "`x_1` is it"),
    ("`` `tick` ``", "<code>`tick`</code>", "`tick`"),
    ("`a|b`", "<code>a|b</code>", "`a|b`"),
    ("2 * 3 * 4", "2 * 3 * 4", "2 * 3 * 4"),
    ("a*b*c", "a*b*c", "a*b*c"),
    ("5**2 = 25", "5**2 = 25", "5**2 = 25"),
    ("f(*args)", "f(*args)", "f(*args)"),
    ("**kwargs and *args", "**kwargs and *args", "**kwargs and *args"),
    ("x_1 + x_2", "x_1 + x_2", "x_1 + x_2"),
    ("_x_1_", "<i>x_1</i>", "_x_1_"),
    ("__init__ and __main__.py", "__init__ and __main__.py", "`__init__` and `__main__.py`"),
    ("**5*5**", "<b>5*5</b>", "*5*5*"),
    ("3~4 and ~5", "3~4 and ~5", "3~4 and ~5"),
    ("~~gone~~", "<s>gone</s>", "~gone~"),
    ("~gone~", "<s>gone</s>", "~gone~"),
    ("~~a~b~~", "<s>a~b</s>", "~a~b~"),
    ("<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y", "<b>x</b> & y"),
    ("the <br> tag", "the &lt;br&gt; tag", "the <br> tag"),
    ("1 < 2 > 0 && 3", "1 &lt; 2 &gt; 0 &amp;&amp; 3", "1 < 2 > 0 && 3"),
    (
        "[a_b](https://e.example/a_b*c~d)",
        '<a href="https://e.example/a_b*c~d">a_b</a>',
        "a_b (https://e.example/a_b*c~d)",
    ),
    ("https://e.example/a_(b)_c.", "https://e.example/a_(b)_c.", "https://e.example/a_(b)_c."),
    (
        "<https://e.example/?a=*b*>",
        '<a href="https://e.example/?a=*b*">https://e.example/?a=*b*</a>',
        "`https://e.example/?a=*b*`",
    ),
    ("see https://e.example/~u/_x_.", "see https://e.example/~u/_x_.", "see `https://e.example/~u/_x_.`"),
    ("[**b**](https://e.example)", '<a href="https://e.example"><b>b</b></a>', "*b* (https://e.example)"),
    ("[`c`](https://e.example)", '<a href="https://e.example"><code>c</code></a>', "`c` (https://e.example)"),
    (
        "![p](https://e.example/p.png)",
        '<a href="https://e.example/p.png">p</a>',
        "p (https://e.example/p.png)",
    ),
    (
        "[r][1]\n\n[1]: https://e.example/__r__",
        '<a href="https://e.example/__r__">r</a>',
        "r (`https://e.example/__r__`)",
    ),
    ("- a\n  - b\n    - c", "• a\n  • b\n    • c", "• a\n  • b\n    • c"),
    ("3. c\n4. d", "3. c\n4. d", "3. c\n4. d"),
    ("1) a\n2) b", "1. a\n2. b", "1. a\n2. b"),
    ("007. bond", "007. bond", "007. bond"),
    ("- [x] done\n- [ ] open", "• [x] done\n• [ ] open", "• [x] done\n• [ ] open"),
    ("> q\n> > r", "<blockquote>q\n\nr</blockquote>", "> q\n> \n> > r"),
    ("a\\*b\\*", "a*b*", "a*b*"),
    ("\\# no heading", "# no heading", "# no heading"),
    ("Fn[^1]\n\n[^1]: note *x*", "Fn[^1]\n\n[^1]: note <i>x</i>", "Fn[^1]\n\n[^1]: note _x_"),
    ("# H *e*", "<b>H <i>e</i></b>", "*H _e_*"),
    ("H\n===", "<b>H</b>", "*H*"),
    (
        '```py\nx = "**a**"\n```',
        '<pre><code class="language-py">x = "**a**"</code></pre>',
        '```\nx = "**a**"\n```',
    ),
    ("    code_*x*", "<pre>code_*x*</pre>", "```\ncode_*x*\n```"),
    ("~~~\n`a`\n~~~", "<pre>`a`</pre>", "```\n`a`\n```"),
    ("| a | b |\n|---|---|\n| `x` | **y** |", "<pre>a  b\nx  y</pre>", "```\na  b\nx  y\n```"),
    ("👩\u200d🚀**go**👍🏽", "👩\u200d🚀<b>go</b>👍🏽", "👩\u200d🚀*go*👍🏽"),
    ("שלום **עולם**!", "שלום <b>עולם</b>!", "שלום *עולם*!"),
    ("é*é*é", "é*é*é", "é*é*é"),
    ("&copy; &amp; &lt;b&gt;", "© &amp; &lt;b&gt;", "© & <b>"),
    ("***a** b*", "<i><b>a</b> b</i>", "_*a* b_"),
    ("**a *b* c**", "<b>a <i>b</i> c</b>", "*a _b_ c*"),
    ("“**q**”", "“<b>q</b>”", "“*q*”"),
    ("**«q»**r", "<b>«q»</b>r", "*«q»*\u200br"),
    ("(**a**)b", "(<b>a</b>)b", "(*a*)b"),
    ("@ada and **@ben**", "@\u200bada and <b>@\u200bben</b>", "@\u200bada and *@\u200bben*"),
]
"""Markdown, and what Telegram and WhatsApp are sent."""


@pytest.mark.parametrize("markdown, telegram, whatsapp", FORMS)
def test_a_form_is_shown_as_it_is_meant(markdown: str, telegram: str, whatsapp: str) -> None:
    """Marks where people mean some, and each letter, digit and address as it was written."""
    assert TelegramHtmlRenderer().render(markdown) == telegram
    assert WhatsAppRenderer().render(markdown) == whatsapp
    assert letters(PlainTextRenderer().render(markdown)) == said(markdown).numbered
