"""The page that a link of a brief or of a mail shows: a sentence, and a button where there is something to
decide."""

from __future__ import annotations

from html import escape
from string import Template

from repartee.domain.http import HttpResponse
from repartee.language.catalogue import Text, translate

PAGE_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
"""Headers of every page: it loads nothing, is in no frame, and tells no other page its address."""

PAGE = Template("""\
<!DOCTYPE html>
<html lang="$language"><head><meta charset="utf-8"><title>$words</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>:root{color-scheme:light dark;font:18px/1.5 system-ui,sans-serif}
body{max-width:32rem;margin:15vh auto;padding:0 1rem}
button{font:inherit;font-weight:600;padding:.6rem 1.2rem;border:0;border-radius:.4rem}
button{background:#0a58ca;color:#fff}</style>
</head><body><main><p>$words</p>$form</main></body></html>
""")

FORM = Template(
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<button>$label</button></form>"
)


def make_page(status: int, words: Text, language: str, label: Text | None = None) -> HttpResponse:
    """Returns the page in this language."""
    form = FORM.substitute(label=escape(translate(label, language))) if label else ""
    body = PAGE.substitute(
        language=escape(language or "en"), words=escape(translate(words, language)), form=form
    )
    return HttpResponse(status, body, "text/html; charset=utf-8", headers=PAGE_HEADERS)
