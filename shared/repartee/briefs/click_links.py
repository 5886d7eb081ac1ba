"""Leads the links of a brief by an address of our own, so that a click tells that the brief was read.

The address is signed and names no person and no target: the links of a brief are kept under an id that only
the key can make. Which addresses it leads to is decided when the brief is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from repartee.domain.brief import BriefJob
from repartee.domain.brief_links import MAX_BRIEF_LINKS, MAX_LINK_CHARS, links_end_at
from repartee.errors import BackendError, log_fields
from repartee.ports.briefs import BriefLinkStore
from repartee.ports.logging import Logger
from repartee.privacy.signed_tokens import TokenSigner

CLICK_PURPOSE = "click"
CLICK_PATH = "/brief/message"

MESSAGE_LINK = re.compile(r"(?<=\[↗\]\()https?://[^\s()]+(?=\))")
"""The address behind the mark with which a brief links to a message. Nothing else writes that mark."""

SentPlace = Literal["chat", "mail"]


class ClickLinks:
    """Signs the links of briefs. `links_url` is where the functions are reached from outside; links are
    signed by what `signer` returns."""

    def __init__(
        self,
        store: BriefLinkStore,
        signer: Callable[[], TokenSigner],
        links_url: str,
        clock: Callable[[], float],
        logger: Logger,
    ) -> None:
        self._store, self._signer, self._links_url = store, signer, links_url.rstrip("/")
        self._clock, self._logger = clock, logger

    def sign_all(self, text: str, job: BriefJob, place: SentPlace) -> str:
        """Returns the text with its links to messages led by signed addresses: the same each time. Where they
        cannot be kept it is returned as it is, because no brief waits for it."""
        addresses = tuple(dict.fromkeys(MESSAGE_LINK.findall(text)))[:MAX_BRIEF_LINKS]
        addresses = tuple(one for one in addresses if len(one) <= MAX_LINK_CHARS)
        if not addresses:
            return text
        signer, until = self._signer(), links_end_at(job.day)
        id = signer.make_id(CLICK_PURPOSE, job.key, place)
        try:
            self._store.put_links(id, job.person, addresses, self._clock(), until)
        except BackendError as failure:
            self._logger.warning("brief_links_not_kept", run=job.turn_id, **log_fields(failure))
            return text
        numbers = {address: number for number, address in enumerate(addresses)}

        def sign(found: re.Match[str]) -> str:
            if found[0] not in numbers:
                return found[0]
            token = signer.sign(CLICK_PURPOSE, id, str(numbers[found[0]]), until=until)
            return f"{self._links_url}{CLICK_PATH}?token={token}"

        return MESSAGE_LINK.sub(sign, text)
