"""The pages behind the links of mails: one ends the mails, one confirms an address.

A GET changes nothing, because scanners of mail servers follow every link: it shows a button, which POSTs to
the same address. A mail client's one-click (RFC 8058) is the same POST without the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from repartee.briefs.letters import CONFIRM_PATH, CONFIRM_PURPOSE, UNSUBSCRIBE_PATH, UNSUBSCRIBE_PURPOSE
from repartee.briefs.pages import make_page
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.errors import BackendError, Unauthorized, log_fields
from repartee.language import email_texts
from repartee.language.catalogue import Text
from repartee.ports.emails import EmailContacts
from repartee.ports.logging import Logger
from repartee.privacy.signed_tokens import TokenSigner


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
            return make_page(403, email_texts.EMAIL_PAGE_INVALID, "")
        if request.method != "POST":
            return make_page(200, words.question, language, words.label)
        try:
            return self._act(words, person, nonce, language)
        except BackendError as failure:
            self._logger.warning("email_page_failed", purpose=words.purpose, **log_fields(failure))
            return make_page(503, email_texts.EMAIL_PAGE_LATER, language)

    def _act(self, words: PageWords, person: str, nonce: str, language: str) -> HttpResponse:
        if words.purpose == UNSUBSCRIBE_PURPOSE:
            changed = self._contacts.end(person, nonce, "unsubscribed")
        else:
            changed = self._contacts.confirm(person, nonce, self._clock())
            if not changed:
                return make_page(410, email_texts.EMAIL_PAGE_INVALID, language)
        self._logger.info("email_link_followed", purpose=words.purpose, changed=changed)
        return make_page(200, words.answer, language)
