"""Letters as HTML that mail clients show, and as plain text.

A layout of tables for those that know no other, styles in each element for those that drop a style sheet, and
a style sheet for what no element can say: the dark colours (Apple Mail, Outlook, Gmail's apps make their own)
and the narrow screen. Nothing is loaded from elsewhere, so that opening a mail tells nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from string import Template

from repartee.channels.markup.addresses import is_disguised
from repartee.channels.markup.lines import numbered
from repartee.channels.markup.plain import PlainTextRenderer
from repartee.channels.markup.tree import Node, rows
from repartee.domain.email import Letter

RIGHT_TO_LEFT_LANGUAGES = frozenset(("ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"))

MAX_PREHEADER_CHARS = 120
"""Characters that an inbox shows beside the subject."""

LINK_TAG = re.compile(r"</?a\b[^>]*>")
BLANK = re.compile(r"\s+")

FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
TEXT, MUTED, LINK, LINE, PAPER, DESK = "#1f2328", "#59636e", "#0a58ca", "#d8dee4", "#ffffff", "#f3f4f6"
BUTTON_TEXT = "#ffffff"
CODE = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:14px"

PAGE = Template("""\
<!DOCTYPE html>
<html lang="$language" dir="$direction">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>$title</title>
<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.desk{background-color:#0d1117!important}
.paper{background-color:#161b22!important;border-color:#30363d!important}
.ink,.ink p,.ink li,.ink td,.ink th,.ink h2{color:#e6edf3!important}
.muted{color:#9198a1!important}
.ink a,.muted a{color:#79b8ff!important}
.line{border-color:#30363d!important}
.code{background-color:#262c36!important;color:#e6edf3!important}
.ink a.button{color:#ffffff!important;background-color:#1f6feb!important}
}
@media (max-width:480px){.pad{padding:20px 16px!important}.desk-pad{padding:0!important}}
</style>
</head>
<body class="desk" style="margin:0;padding:0;background-color:$desk;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">$preheader</div>
<table role="presentation" class="desk" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background-color:$desk"><tr><td class="desk-pad" align="center" style="padding:24px 12px">
<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:600px;background-color:$paper;border:1px solid $line;border-radius:8px">
<tr><td class="pad ink" style="padding:28px 32px;font-family:$font;font-size:16px;line-height:1.5;\
color:$text;text-align:$start;overflow-wrap:anywhere;word-break:break-word">
<h1 class="ink" dir="auto" style="margin:0 0 16px;font-size:21px;line-height:1.3;color:$text">$title</h1>
$body
$button</td></tr>
</table>
$footer</td></tr></table>
</body>
</html>
""")

BUTTON = Template("""\
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:20px 0 4px"><tr>\
<td style="border-radius:6px;background-color:$link"><a class="button" href="$url" \
style="display:inline-block;\
padding:12px 22px;font-weight:600;color:$ink;background-color:$link;border-radius:6px;text-decoration:none">\
$label</a></td></tr></table>
""")

FOOTER = Template("""\
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px">
<tr><td class="pad muted" style="padding:16px 32px;font-family:$font;font-size:13px;line-height:1.5;\
color:$muted;text-align:$start">$words$link</td></tr>
</table>
""")


class LetterRenderer:
    """`ports.MailRenderer`."""

    def render_html(self, letter: Letter) -> str:
        """Returns the letter as a page."""
        code = letter.language.partition("-")[0].lower()
        is_right_to_left = code in RIGHT_TO_LEFT_LANGUAGES
        start = "right" if is_right_to_left else "left"
        return PAGE.substitute(
            language=escape(letter.language or "en"),
            direction="rtl" if is_right_to_left else "ltr",
            title=escape(letter.title),
            preheader=escape(_make_preheader(letter.body)),
            body=MailHtmlRenderer(start).render(letter.body),
            button=_render_button(letter),
            footer=_render_footer(letter, start),
            start=start,
            **COLOURS,
        )

    def render_text(self, letter: Letter) -> str:
        """Returns the letter as plain text."""
        parts = [letter.title, PlainTextRenderer().render(letter.body)]
        if letter.button:
            parts.append(f"{letter.button}: {letter.button_url}")
        if letter.footer:
            link = f"\n{letter.footer_link}: {letter.footer_url}" if letter.footer_link else ""
            parts.append(f"-- \n{letter.footer}{link}")
        return "\n\n".join(part for part in parts if part) + "\n"


COLOURS = {
    "desk": DESK,
    "paper": PAPER,
    "line": LINE,
    "text": TEXT,
    "muted": MUTED,
    "font": FONT,
}


def _make_preheader(body: str) -> str:
    return BLANK.sub(" ", PlainTextRenderer().render(body))[:MAX_PREHEADER_CHARS]


def _render_button(letter: Letter) -> str:
    if not letter.button:
        return ""
    return BUTTON.substitute(
        url=escape(letter.button_url), label=escape(letter.button), link=LINK, ink=BUTTON_TEXT
    )


def _render_footer(letter: Letter, start: str) -> str:
    if not letter.footer:
        return ""
    link = ""
    if letter.footer_link:
        style = f"color:{MUTED};text-decoration:underline"
        link = f'<br><a href="{escape(letter.footer_url)}" style="{style}">{escape(letter.footer_link)}</a>'
    return FOOTER.substitute(words=escape(letter.footer), link=link, start=start, font=FONT, muted=MUTED)


class MailHtmlRenderer(PlainTextRenderer):
    """Markdown as blocks of HTML with their styles in them. `dir="auto"` has each block run as its own words
    do. Pictures are links."""

    newline = "<br>"

    def __init__(self, start: str = "left") -> None:
        self._start = start

    def text(self, text: str) -> str:
        return escape(text, quote=False)

    def bold(self, inner: str) -> str:
        return f"<strong>{inner}</strong>" if inner else ""

    def italic(self, inner: str) -> str:
        return f"<em>{inner}</em>" if inner else ""

    def struck(self, inner: str) -> str:
        return f"<s>{inner}</s>" if inner else ""

    def code(self, text: str) -> str:
        style = f"{CODE};background-color:{DESK};padding:1px 4px;border-radius:4px"
        return f'<code class="code" style="{style}">{escape(text, quote=False)}</code>'

    def block_of_code(self, text: str, language: str) -> str:
        style = f"{CODE};background-color:{DESK};padding:12px;border-radius:6px;margin:0 0 14px"
        return (
            f'<pre class="code" dir="ltr" style="{style};white-space:pre-wrap">'
            f"{escape(text, quote=False)}</pre>"
        )

    def link(self, inner: str, href: str, words: str) -> str:
        shown = LINK_TAG.sub("", inner) if words.strip() else escape(href, quote=False)
        link = f'<a href="{escape(href)}" style="color:{LINK}">{shown}</a>'
        return f"{link} ({escape(href, quote=False)})" if is_disguised(words, href) else link

    def quote(self, inner: str) -> str:
        style = f"margin:0 0 14px;padding:0 12px;border-{self._start}:3px solid {LINE}"
        return f'<blockquote class="line" style="{style}">{inner}</blockquote>'

    def _blocks(self, nodes: Iterable[Node], between: str = "\n") -> str:
        return super()._blocks(nodes, between)

    def _heading(self, node: Node) -> str:
        style = f"margin:20px 0 8px;font-size:17px;line-height:1.35;color:{TEXT}"
        return f'<h2 dir="auto" style="{style}">{self.inline(node.children)}</h2>'

    def _paragraph(self, node: Node) -> str:
        """A tight list's items are lines, not paragraphs."""
        words = self.inline(node.children)
        return words if node.info else f'<p dir="auto" style="margin:0 0 14px">{words}</p>'

    def _hr(self, node: Node) -> str:
        return f'<hr class="line" style="border:0;border-top:1px solid {LINE};margin:18px 0">'

    def _bullet_list(self, node: Node) -> str:
        return self._list("ul", "", "".join(self._list_item(item) for item in node.children))

    def _ordered_list(self, node: Node) -> str:
        items = numbered(node)
        first = f' start="{int(items[0][1])}"' if items and int(items[0][1]) != 1 else ""
        return self._list("ol", first, "".join(self._list_item(item) for item, _ in items))

    def _list(self, tag: str, attributes: str, items: str) -> str:
        style = f"margin:0 0 14px;padding-{self._start}:22px"
        return f'<{tag}{attributes} style="{style}">{items}</{tag}>'

    def _list_item(self, item: Node) -> str:
        return f'<li style="margin:0 0 6px">{self._blocks(item.children)}</li>'

    def _table(self, node: Node) -> str:
        lines = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in rows(node))
        style = f"border-collapse:collapse;margin:0 0 14px;font-size:15px;color:{TEXT}"
        return f'<table cellpadding="0" cellspacing="0" border="0" style="{style}">{lines}</table>'

    def _cell(self, cell: Node) -> str:
        side = cell.info if cell.info in ("center", "right") else self._start
        style = f"border:1px solid {LINE};padding:6px 8px;text-align:{side}"
        return (
            f'<{cell.type} class="line" dir="auto" style="{style}">{self.inline(cell.children)}</{cell.type}>'
        )
