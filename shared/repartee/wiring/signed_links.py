"""The parts of signed links: who signs them, and what answers those who follow one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from repartee.settings import Settings
from repartee.wiring import brief_stores, process
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.briefs.click_links import SentPlace
    from repartee.briefs.click_pages import ClickPages
    from repartee.briefs.email_pages import EmailPages
    from repartee.domain.brief import BriefJob
    from repartee.domain.http import HttpRequest, HttpResponse
    from repartee.privacy.signed_tokens import TokenSigner


class LinkPages(Protocol):
    """Answers the requests of links that were sent."""

    def handle_request(self, request: HttpRequest) -> HttpResponse: ...


@part
def link_signer(wiring: Wiring) -> Callable[[], TokenSigner]:
    """Makes the signer of links, with the keys that are accepted now: the current one signs."""
    from repartee.privacy.signed_tokens import TokenSigner

    keys = process.accepted_secrets(wiring, Settings.email_links_key)
    return lambda: TokenSigner(*keys())


@part
def email_pages(wiring: Wiring) -> EmailPages:
    from repartee.briefs.email_pages import EmailPages

    get = wiring.get
    return EmailPages(
        get(brief_stores.email_contacts), get(link_signer), get(process.clock), get(process.logger)
    )


@part
def click_pages(wiring: Wiring) -> ClickPages:
    from repartee.briefs.click_pages import ClickPages

    get = wiring.get
    return ClickPages(
        get(brief_stores.brief_links),
        get(brief_stores.briefs),
        get(link_signer),
        get(process.clock),
        get(process.logger),
        records=get(process.settings).brief_clicks,
    )


def find_link_pages(wiring: Wiring, path: str) -> LinkPages | None:
    """Returns what answers the links of this path. None for other paths, and where no such link is sent."""
    settings = wiring.get(process.settings)
    if path.startswith("/email/") and settings.email_from:
        return wiring.get(email_pages)
    if path.startswith("/brief/") and settings.is_any_set(Settings.email_links_key):
        return wiring.get(click_pages)
    return None


def make_link_signing(wiring: Wiring, place: SentPlace) -> Callable[[str, BriefJob], str]:
    """Returns what leads the links of a brief that is sent to this place by our own address; with the setting
    off, what leaves them as they are."""
    settings = wiring.get(process.settings)
    if not settings.brief_clicks:
        return lambda text, job: text
    settings.require(Settings.email_links_url, Settings.email_links_key)
    from repartee.briefs.click_links import ClickLinks

    get = wiring.get
    links = ClickLinks(
        get(brief_stores.brief_links),
        get(link_signer),
        settings.email_links_url,
        get(process.clock),
        get(process.logger),
    )
    return partial(links.sign_all, place=place)
