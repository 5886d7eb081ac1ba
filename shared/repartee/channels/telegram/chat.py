"""A reply that grows in Telegram: a draft and then a message in private, elsewhere a message that is edited.

https://core.telegram.org/bots/api#sendmessagedraft
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

One message a second may be sent in a chat, 20 a minute in a group, 30 a second overall, and edits count. A
`retry_after` is waited for, and fails nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import Any

from repartee.channels.pacing import Pace
from repartee.channels.seat import Seat
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.forms import Form, forms
from repartee.channels.typing import Typing
from repartee.conversation.reply import Crowd
from repartee.errors import BackendError, Late, NotFound, Rejected, Unreachable

PRIVATE_EVERY = 1.0
GROUP_EVERY = 3.5
"""Seconds between two calls. In a group a few a minute are left for the message's beginning and end."""

TOGETHER = 20
"""Calls a second of all replies that grow. What is left of the 30 is for those that begin and end."""

LIMIT = 3800
"""Characters of one message's Markdown: 4,096 that are seen, in units of which an emoji takes two."""

DRAFT = "draft-"
"""How the ids of messages begin that are still drafts."""

UNLINKED = {"link_preview_options": {"is_disabled": True}}
"""No link is opened by itself, to show what is behind it."""

DRAFTED = "sendMessageDraft", "sendRichMessageDraft"
"""The methods that show a draft: one for classic messages, one for rich ones."""

SOON = 2.0
"""Seconds that what goes on may wait to be shown: later it may be over."""

STOPPABLE = {"can_stop": True, "keep_on_stop": True}
"""Under a draft there is a button that stops it: the webhook is told at once. What was seen stays."""

UNCHANGED = "message is not modified"
UNKNOWN = "method not found"


class TelegramChat:
    """`delivery.Surface` in a chat.

    A message that begins as a draft is known by the draft's id until the end; `kept` says which message it
    has become. `unknown` are the methods that the server does not know. The `seat` is the reply's among all
    that grow: the bot has one limit for all its chats, and a group has one for all its topics. Nobody is seen
    `typing` any more once there is something to see.
    """

    limit = LIMIT
    grows = True

    def __init__(
        self,
        api: TelegramApi,
        place: dict[str, str],
        before: dict[str, str],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        unknown: set[str],
        seat: Seat,
        typing: Typing,
    ) -> None:
        self._api, self._place, self._unknown = api, place, unknown
        self._clock, self._sleep = clock, sleep
        self._seat, self._typing = seat, typing
        private = place["type"] == "private"
        self._drafts, self._rich = private, True
        self._drafting = _drafting(place)
        self._answers = not (private or before)
        self._names = itertools.count(len(before))
        self._rest = {id for id in before.values() if not id.startswith(DRAFT)}
        self._sent: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._gone: set[str] = set()
        self._calling = RLock()
        self._drawn = ""
        self._every = PRIVATE_EVERY if private else GROUP_EVERY
        self.pace = Pace(self._every, clock, self._shared, self._apart)
        seat.take(place["chat"])

    def kept(self, ids: dict[str, str]) -> dict[str, str]:
        """The ids under which another worker finds what is visible."""
        return {name: self._sent.get(id, id) for name, id in ids.items()}

    def over(self) -> None:
        """Gives the seat back, and deletes what an earlier attempt has sent and this one does not say."""
        self._seat.leave()
        for id in self._rest:
            with suppress(BackendError):  # it was deleted already, or is seen twice
                self._api.call("deleteMessage", chat_id=int(self._place["chat"]), message_id=int(id))

    def tell(self, status: str) -> bool:
        """Shows what goes on below the draft, if there is one by now, until its text goes on. Whoever else
        adds to the reply meanwhile waits; what cannot be shown soon is not shown."""
        if self._drawn and self.pace.wait <= SOON:
            self._sleep(self.pace.wait)
            with self._calling, suppress(BackendError):
                if self._drawn:
                    self._say(*DRAFTED, f"{self._drawn}\n\n_{status}_", **self._drafting)
        return bool(self._drawn) or bool(self._texts)

    def begin(self, text: str) -> str:
        self._typing.end()
        with self._calling:
            if self._draft(text):
                return f"{DRAFT}{next(self._names)}"
            return self._send(text)

    def grow(self, id: str, text: str, new: str) -> None:
        self._seat.hold()
        with self._calling:
            if id.startswith(DRAFT):
                self._draft(text)
                return
            with suppress(Late, Unreachable):  # the next call shows it
                self._edit(id, text)

    def end(self, id: str, text: str, new: str) -> None:
        with self._calling:
            if not id.startswith(DRAFT):
                self._edit(id, text)
            if id.startswith(DRAFT) or id in self._gone:
                self._sent[id] = self._send(text)
                self._drawn = ""

    def _draft(self, text: str) -> bool:
        """Shows the text as a draft, unless drafts are refused here. What fails is no loss: the whole text
        comes at the end."""
        if self._drafts:
            try:
                self._say(*DRAFTED, text, **self._drafting)
                self._drawn = text
            except (Rejected, NotFound):
                self._drafts = False
            except (Late, Unreachable):
                pass
        return self._drafts

    def _send(self, text: str) -> str:
        asked = {"message_id": int(self._place["message"]), "allow_sending_without_reply": True}
        answers = {"reply_parameters": asked} if self._answers else {}
        sent = self._say("sendMessage", "sendRichMessage", text, **answers)
        self._answers = False
        id = str(sent["message_id"])
        self._texts[id] = text
        return id

    def _edit(self, id: str, text: str) -> None:
        """Replaces the text. What somebody has deleted meanwhile is sent again in the end."""
        self._rest.discard(id)
        if id in self._gone or self._texts.get(id) == text:
            return
        try:
            self._say("editMessageText", "editMessageText", text, message_id=int(id))
        except NotFound:
            self._gone.add(id)
        self._texts[id] = text

    def _shared(self, crowd: Crowd) -> float:
        """Topics have their group's messages between them, and all chats the bot's."""
        here = crowd.growing(self._place["chat"], self._clock())
        return max(self._every * here, self._apart(crowd))

    def _apart(self, crowd: Crowd) -> float:
        return crowd.growing("", self._clock()) / TOGETHER

    def _say(self, classic: str, rich: str, text: str, **more: Any) -> Any:
        """Says it when it is this reply's turn."""
        self._sleep(self.pace.turn)
        said = self._said(classic, rich, text, more)
        self.pace.made()
        return said

    def _said(self, classic: str, rich: str, text: str, more: dict[str, Any]) -> Any:
        """Calls the method with the text in the best form that is not refused."""
        *others, last = forms(text, rich=self._rich and rich not in self._unknown)
        for form in others:
            try:
                return self._call(rich if form.rich else classic, form, more)
            except Rejected as refusal:
                if refusal.problem.startswith(UNCHANGED):
                    return None
                if form.rich:
                    self._rich = False
                if form.rich and refusal.problem == UNKNOWN:
                    self._unknown.add(rich)
        return self._call(classic, last, more)

    def _call(self, method: str, form: Form, more: dict[str, Any]) -> Any:
        if "message_id" not in more and "topic" in self._place:
            more = {**more, "message_thread_id": int(self._place["topic"])}
        if not (form.rich or "draft_id" in more):
            more = {**more, **UNLINKED}
        return self._api.call(method, chat_id=int(self._place["chat"]), **form.arguments, **more)


def draft(api: TelegramApi, place: dict[str, str], status: str) -> None:
    """What goes on while there is no reply yet, in the draft that will become it."""
    best = next(iter(forms(f"_{status}_", rich=False)))
    topic = {"message_thread_id": int(place["topic"])} if "topic" in place else {}
    api.call(DRAFTED[0], chat_id=int(place["chat"]), **_drafting(place), **topic, **best.arguments)


def _drafting(place: dict[str, str]) -> dict[str, Any]:
    return {"draft_id": int(place["message"]), **STOPPABLE}
