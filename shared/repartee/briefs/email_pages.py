"""The pages behind the links of mails: one ends the mails, one confirms an address.

A GET changes nothing, because scanners of mail servers follow every link: it shows a button, which POSTs to
the same address. A mail client's one-click (RFC 8058) is the same POST without the page.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from string import Template
from typing import NamedTuple

from repartee.briefs.letters import CONFIRM_PATH, CONFIRM_PURPOSE, UNSUBSCRIBE_PATH, UNSUBSCRIBE_PURPOSE
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.errors import BackendError, Unauthorized, log_fields
from repartee.language import email_texts
from repartee.language.catalogue import Text, translate
from repartee.ports.emails import EmailContacts
from repartee.ports.logging import Logger
from repartee.privacy.signed_tokens import TokenSigner

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


class PageWords(NamedTuple):
    """The words of one of the pages: the purpose of its token, what it asks, its button, and its answer."""

    purpose: str
    question: Text
    label: Text
    answer: Text


PAGES = {
    UNSUBSCRIBE_PATH: PageWords(
        UNSUBSCRIBE_PURPOSE,
        email_texts.EMAIL_PAGE_UNSUBSCRIBE,
        email_texts.EMAIL_NO_MORE,
        email_texts.EMAIL_PAGE_UNSUBSCRIBED,
    ),
    CONFIRM_PATH: PageWords(
        CONFIRM_PURPOSE,
        email_texts.EMAIL_PAGE_CONFIRM,
        email_texts.EMAIL_CONFIRM,
        email_texts.EMAIL_PAGE_CONFIRMED,
    ),
}


class EmailPages:
    """Answers the requests of links in mails."""

    def __init__(
        self,
        contacts: EmailContacts,
        signer: Callable[[], TokenSigner],
        clock: Callable[[], float],
        logger: Logger,
    ) -> None:
        self._contacts, self._signer, self._clock, self._logger = contacts, signer, clock, logger

    def handle_request(self, request: HttpRequest) -> HttpResponse:
        """Returns the page. An address that is no longer in use is one to which nothing is sent: who
        unsubscribes it is told the same."""
        words = PAGES.get(request.path)
        if words is None:
            return HttpResponse(404)
        try:
            about = self._signer().read(request.query.get("token", ""), words.purpose, self._clock())
            person, nonce, language = about
        except (Unauthorized, ValueError):
            return _make_page(403, email_texts.EMAIL_PAGE_INVALID, "")
        if request.method != "POST":
            return _make_page(200, words.question, language, words.label)
        try:
            return self._act(words, person, nonce, language)
        except BackendError as failure:
            self._logger.warning("email_page_failed", purpose=words.purpose, **log_fields(failure))
            return _make_page(503, email_texts.EMAIL_PAGE_LATER, language)

    def _act(self, words: PageWords, person: str, nonce: str, language: str) -> HttpResponse:
        if words.purpose == UNSUBSCRIBE_PURPOSE:
            changed = self._contacts.end(person, nonce, "unsubscribed")
        else:
            changed = self._contacts.confirm(person, nonce, self._clock())
            if not changed:
                return _make_page(410, email_texts.EMAIL_PAGE_INVALID, language)
        self._logger.info("email_link_followed", purpose=words.purpose, changed=changed)
        return _make_page(200, words.answer, language)


def _make_page(status: int, words: Text, language: str, label: Text | None = None) -> HttpResponse:
    form = FORM.substitute(label=escape(translate(label, language))) if label else ""
    body = PAGE.substitute(
        language=escape(language or "en"), words=escape(translate(words, language)), form=form
    )
    return HttpResponse(status, body, "text/html; charset=utf-8", headers=PAGE_HEADERS)
