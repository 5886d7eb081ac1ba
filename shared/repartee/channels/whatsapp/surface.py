"""A reply in a chat of WhatsApp, and what can be done with it: its parts are sent, and nothing is taken
back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from repartee.channels.delivery import SendGate
from repartee.channels.markdown import TextPart
from repartee.channels.pacer import Pacer
from repartee.channels.typing_indicators import TypingIndicator
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.error_codes import PAIR_INTERVAL_SECONDS
from repartee.channels.whatsapp.formatting import render_texts
from repartee.channels.whatsapp.pair_rate_limit import PairPacer
from repartee.channels.whatsapp.paragraphs import split_paragraphs
from repartee.domain.reply import VisibleState
from repartee.errors import Throttled

MAX_MESSAGE_CHARS = 3800
"""Characters of one message's Markdown; as WhatsApp shows it, it may have 4,096."""


class WhatsAppSurface:
    """`delivery.Surface` in a chat. Owns which message says what.

    What an earlier attempt has sent stays. A part that is the same now is not sent again; one that is not,
    is, so that the answer is whole; `kept` says which message it has become.
    """

    max_chars = MAX_MESSAGE_CHARS
    can_extend = False

    def __init__(
        self,
        api: WhatsAppApi,
        address: dict[str, str],
        shown: VisibleState,
        pacer: PairPacer,
        typing_indicator: TypingIndicator,
        sleep: Callable[[float], None],
        gate: SendGate,
    ) -> None:
        self._api, self._address, self._typing, self._sleep = api, address, typing_indicator, sleep
        self._gate = gate
        self._texts_by_id = _texts_by_message(shown)
        self._earlier, self._ended = len(self._texts_by_id), 0
        self._resent_ids: dict[str, str] = {}
        self._refusals = 0
        self._pair_pacer = pacer
        self.pacer: Pacer = pacer

    def split_text(self, text: str, limit: int, *, final: bool) -> Iterator[TextPart]:
        """The reply's parts; while it is written one more than there are, so that at its end none has to wait
        for what others have cost."""
        parts = split_paragraphs(text, limit, final=final)
        return parts if final else islice(parts, max(self._ended, self._earlier) + 2)

    def resolve_ids(self, ids: dict[str, str]) -> dict[str, str]:
        """The ids under which another worker finds what is visible."""
        return {name: self._resent_ids.get(id, id) for name, id in ids.items()}

    def begin_message(self, text: str) -> str:
        id = ""
        for body in render_texts(text):
            id = self._send_when_allowed(body)
        self._texts_by_id[id] = {text}
        self._typing.schedule_reshow()
        return id

    def post_whole_message(self, text: str, is_last: bool) -> None:
        """There is none: each message is whole as it begins."""

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        """Nothing: what was sent cannot be changed."""

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        if text not in self._texts_by_id[id]:
            self._resent_ids[id] = self.begin_message(text)
            self._texts_by_id[id] = {text}
        self._ended += 1

    def _send_when_allowed(self, body: str) -> str:
        """Sends a text when the person may be sent another. A refusal waits longer each time: what other
        replies have sent on credit is not known here."""
        if wait := self._pair_pacer.next_send_wait_seconds:
            self._sleep(wait)
        self._gate.check()
        try:
            id = self._api.send_text(self._address, body)
        except Throttled as throttled:
            wait = (throttled.retry_after or PAIR_INTERVAL_SECONDS) * 2**self._refusals
            self._refusals += 1
            raise Throttled(throttled.backend, throttled.problem, retry_after=wait) from throttled
        self._pair_pacer.record_sent()
        return id


def _texts_by_message(shown: VisibleState) -> dict[str, set[str]]:
    """Returns the texts of each message of an earlier attempt. The last was cut off there, or was the whole
    rest."""
    ids = [shown.message_ids[name] for name in sorted(filter(str.isdecimal, shown.message_ids), key=int)]
    said: dict[str, set[str]] = {id: set() for id in ids}
    for text in (shown.text, shown.text + "…"):
        for id, part in zip(ids, split_paragraphs(text, MAX_MESSAGE_CHARS), strict=False):
            said[id].add(part.text)
    return said
