"""What can be done with a reply in a chat of WhatsApp: its parts are sent, and nothing is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from repartee.channels.markdown import Part
from repartee.channels.pacing import Pace
from repartee.channels.typing import Typing
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.codes import SPACING
from repartee.channels.whatsapp.forms import texts
from repartee.channels.whatsapp.pairs import PairPace
from repartee.channels.whatsapp.paragraphs import paragraphs
from repartee.conversation.reply import Shown
from repartee.errors import Throttled

LIMIT = 3800
"""Characters of one message's Markdown; as WhatsApp shows it, it may have 4,096."""


class WhatsAppChat:
    """`delivery.Surface` in a chat. Owns which message says what.

    What an earlier attempt has sent stays. A part that is the same now is not sent again; one that is not,
    is, so that the answer is whole; `kept` says which message it has become.
    """

    limit = LIMIT
    grows = False

    def __init__(
        self,
        api: WhatsAppApi,
        place: dict[str, str],
        shown: Shown,
        pace: PairPace,
        typing: Typing,
        sleep: Callable[[float], None],
    ) -> None:
        self._api, self._place, self._typing, self._sleep = api, place, typing, sleep
        self._says = _said(shown)
        self._earlier, self._ended = len(self._says), 0
        self._again: dict[str, str] = {}
        self._refusals = 0
        self._pair = pace
        self.pace: Pace = pace

    def split(self, text: str, limit: int, *, final: bool) -> Iterator[Part]:
        """The reply's parts; while it is written one more than there are, so that at its end none has to wait
        for what others have cost."""
        parts = paragraphs(text, limit, final=final)
        return parts if final else islice(parts, max(self._ended, self._earlier) + 2)

    def kept(self, ids: dict[str, str]) -> dict[str, str]:
        """The ids under which another worker finds what is visible."""
        return {name: self._again.get(id, id) for name, id in ids.items()}

    def begin(self, text: str) -> str:
        id = ""
        for body in texts(text):
            id = self._send(body)
        self._says[id] = {text}
        self._typing.part_sent()
        return id

    def grow(self, id: str, text: str, new: str) -> None:
        """Nothing: what was sent cannot be changed."""

    def end(self, id: str, text: str, new: str) -> None:
        if text not in self._says[id]:
            self._again[id] = self.begin(text)
            self._says[id] = {text}
        self._ended += 1

    def _send(self, body: str) -> str:
        """Sends a text when the person may be sent another. A refusal waits longer each time: what other
        replies have sent on credit is not known here."""
        if wait := self._pair.held_up:
            self._sleep(wait)
        try:
            id = self._api.say(self._place, body)
        except Throttled as throttled:
            wait = (throttled.retry_after or SPACING) * 2**self._refusals
            self._refusals += 1
            raise Throttled(throttled.backend, throttled.problem, retry_after=wait) from throttled
        self._pair.sent()
        return id


def _said(shown: Shown) -> dict[str, set[str]]:
    """What each message of an earlier attempt says. The last was cut off there, or was the whole rest."""
    ids = [shown.ids[name] for name in sorted(filter(str.isdecimal, shown.ids), key=int)]
    said: dict[str, set[str]] = {id: set() for id in ids}
    for text in (shown.text, shown.text + "…"):
        for id, part in zip(ids, paragraphs(text, LIMIT), strict=False):
            said[id].add(part.text)
    return said
