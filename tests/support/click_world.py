"""A brief that was sent with links by which a click is told, and what follows them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
from aws_lambda_powertools import Logger

from repartee.briefs.click_links import ClickLinks, SentPlace
from repartee.briefs.click_pages import ClickPages
from repartee.domain.brief import BriefJob
from repartee.domain.brief_links import BriefLinks
from repartee.domain.engagement import Engagement
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.privacy.signed_tokens import TokenSigner
from tests.support.brief_world import MORNING_SECONDS, WORLD_NUMBERS
from tests.support.memory_briefs import ADA, MemoryBriefs
from tests.support.memory_emails import LINKS_URL

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
LEASE, OFFER = "https://acme.slack.com/archives/C1/p1", "https://acme.slack.com/archives/C1/p2"
TEXT = f"**Lisbon**\n- The lease is signed. [↗]({LEASE}) [↗]({OFFER})\n- Done. [↗]({LEASE})"
JOB = BriefJob(ADA, "s1", "2026-09-10")


@dataclass
class MemoryBriefLinks:
    """`ports.BriefLinkStore` in memory. `trouble` is raised instead."""

    clock: Callable[[], float] = lambda: 0.0
    kept: dict[str, BriefLinks] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)
    trouble: Exception | None = None

    def put_links(self, id: str, person: str, addresses: Sequence[str], now: float, until: float) -> None:
        self._check()
        known = self.kept.get(id, BriefLinks(person=person, addresses=(), sent_at=now))
        self.kept[id] = msgspec.structs.replace(known, person=person, addresses=tuple(addresses))
        self.ends[id] = until

    def find_links(self, id: str) -> BriefLinks | None:
        self._check()
        return self.kept.get(id) if self.ends.get(id, 0.0) > self.clock() else None

    def mark_clicked(self, id: str, at: float) -> bool:
        self._check()
        known = self.kept.get(id)
        if known is None or known.clicked_at:
            return False
        self.kept[id] = msgspec.structs.replace(known, clicked_at=at)
        return True

    def _check(self) -> None:
        if self.trouble:
            raise self.trouble


class ClickWorld:
    """Ada has left seven briefs unread; the eighth was sent at `MORNING_SECONDS`."""

    def __init__(self) -> None:
        self.now = MORNING_SECONDS
        self.links = MemoryBriefLinks(lambda: self.now)
        self.briefs = MemoryBriefs(engagements={ADA: Engagement(unread=7)})
        self.keys = ["a key of these tests"]
        self.records = True
        self.log = io.StringIO()
        self._logger = Logger(service=f"clicks-{next(WORLD_NUMBERS)}", stream=self.log)

    @property
    def unread(self) -> int:
        return self.briefs.engagements[ADA].unread

    def send(self, text: str = TEXT, job: BriefJob = JOB, place: SentPlace = "chat") -> str:
        """The brief is sent. Returns its text as the person sees it."""
        signs = ClickLinks(
            self.links, lambda: TokenSigner(*self.keys), LINKS_URL + "/", lambda: self.now, self._logger
        )
        return signs.sign_all(text, job, place)

    def send_links(self, **given: str) -> list[str]:
        """The brief is sent, and a minute goes by. Returns the addresses of its links."""
        sent = self.send(**given)  # type: ignore[arg-type]
        self.now += 60
        return re.findall(r"\[↗\]\((\S+?)\)", sent)

    def follow(self, url: str, method: str = "GET", agent: str = BROWSER, **headers: str) -> HttpResponse:
        """A request for the link."""
        path, _, query = url.removeprefix(LINKS_URL).partition("?token=")
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"user-agent": agent}
        asked = HttpRequest(method, path, sent, b"", self.now, "c1", {"token": query} if query else {})
        signer: Callable[[], TokenSigner] = lambda: TokenSigner(*self.keys)  # noqa: E731
        pages = ClickPages(
            self.links, self.briefs, signer, lambda: self.now, self._logger, records=self.records
        )
        return pages.handle_request(asked)
