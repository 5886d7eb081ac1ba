"""Follows the links of briefs to their messages, and notes that the person read the brief.

It leads only to addresses that the brief held. What no person has done does not count: a request that
prefetches or previews, a program's, and one that comes seconds after the brief was sent, as scanners do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from repartee.briefs.click_links import CLICK_PATH, CLICK_PURPOSE
from repartee.briefs.pages import PAGE_HEADERS, make_page
from repartee.domain.brief_links import BriefLinks
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.errors import BackendError, Unauthorized, log_fields
from repartee.language import email_texts
from repartee.ports.briefs import BriefLinkStore, BriefStore
from repartee.ports.logging import Logger
from repartee.privacy.signed_tokens import TokenSigner

MIN_CLICK_SECONDS = 20.0
"""Seconds after the sending in which a click is not a person's: scanners of mails and of chats follow links
at once."""

PURPOSE_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
"""Headers by which browsers say that nobody has followed the link yet."""

BROWSER_BEGINNING = "Mozilla/"
"""The beginning of the user agent of each browser, and of no platform's preview."""

PROGRAM_AGENTS = re.compile(
    r"(?<!cu)bot\b|bots\b|crawl|spider|preview|scan|proxy|headless|expand|external|fetch|monitor|validator"
    r"|barracuda|mimecast|proofpoint|safelinks|compatible;",
    re.IGNORECASE,
)
"""Words in the user agents of programs that call themselves browsers: crawlers, previews, scanners."""


class ClickPages:
    """Answers the requests of links in briefs. `records` says whether clicks are noted: those of briefs
    before go on to lead to their messages where they are not any more."""

    def __init__(
        self,
        links: BriefLinkStore,
        briefs: BriefStore,
        signer: Callable[[], TokenSigner],
        clock: Callable[[], float],
        logger: Logger,
        *,
        records: bool,
    ) -> None:
        self._links, self._briefs, self._signer = links, briefs, signer
        self._clock, self._logger, self._records = clock, logger, records

    def handle_request(self, request: HttpRequest) -> HttpResponse:
        """Returns the redirection. It changes nothing but the note of the first click."""
        if request.path != CLICK_PATH:
            return HttpResponse(404)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(405, headers={"allow": "GET, HEAD"})
        language = request.headers.get("accept-language", "")[:2]
        try:
            token = request.query.get("token", "")
            id, number = self._signer().read(token, CLICK_PURPOSE, self._clock())
            found = self._links.find_links(id)
        except (Unauthorized, ValueError):
            return make_page(403, email_texts.BRIEF_LINK_OVER, language)
        except BackendError as failure:
            self._logger.warning("brief_link_failed", **log_fields(failure))
            return make_page(503, email_texts.EMAIL_PAGE_LATER, language)
        if found is None or int(number) >= len(found.addresses):
            return make_page(410, email_texts.BRIEF_LINK_OVER, language)
        if self._records and not found.clicked_at and is_click(request, found.sent_at, self._clock()):
            self._note_click(id, found)
        return HttpResponse(302, headers={**PAGE_HEADERS, "location": found.addresses[int(number)]})

    def _note_click(self, id: str, found: BriefLinks) -> None:
        """Notes when it was. What cannot be noted keeps no person from the message."""
        now = self._clock()
        try:
            self._briefs.note_engaged(found.person, "click", now)
            self._links.mark_clicked(id, now)
        except BackendError as failure:
            self._logger.warning("brief_click_not_noted", **log_fields(failure))


def is_click(request: HttpRequest, sent_at: float, now: float) -> bool:
    """Returns whether a person has followed the link, as far as the request tells."""
    agent = request.headers.get("user-agent", "")
    return (
        request.method == "GET"
        and not _is_ahead(request.headers)
        and agent.startswith(BROWSER_BEGINNING)
        and not PROGRAM_AGENTS.search(agent)
        and now - sent_at >= MIN_CLICK_SECONDS
    )


def _is_ahead(headers: Mapping[str, str]) -> bool:
    """Whether a browser loads the page before, or without, a person's following of the link."""
    purposes = " ".join(headers.get(name, "") for name in PURPOSE_HEADERS).lower()
    is_part = headers.get("sec-fetch-dest", "document") != "document"
    return is_part or "prefetch" in purposes or "preview" in purposes
