"""A reply in Telegram: a draft that grows and then a message in private, elsewhere a message that is edited.

https://core.telegram.org/bots/api#sendmessagedraft
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

One message a second may be sent in a chat, 20 a minute in a group, 30 a second overall, and edits count. A
reply takes one a second at the most, so that 20 turns at a time stay below what is allowed overall. A
`retry_after` is waited for, and fails nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from repartee.channels.delivery import Delivery
from repartee.channels.pacing import Pace
from repartee.channels.telegram import proposals
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.forms import Form, forms
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Keep, Shown
from repartee.errors import BackendError, Late, NotFound, Rejected, Unreachable

PRIVATE_EVERY = 1.0
GROUP_EVERY = 3.5
"""Seconds between two calls. In a group a few a minute are left for the message's beginning and end."""

LIMIT = 3800
"""Characters of one message's Markdown: 4,096 that are seen, in units of which an emoji takes two."""

DRAFT = "draft-"
"""How the ids of messages begin that are still drafts."""

UNLINKED = {"link_preview_options": {"is_disabled": True}}
"""No link is opened by itself, to show what is behind it."""

STOPPABLE = {"can_stop": True, "keep_on_stop": True}
"""Under a draft there is a button that stops it: the webhook is told at once. What was seen stays."""

UNCHANGED = "message is not modified"
UNKNOWN = "method not found"


class TelegramReplies:
    """`reply.Replies` for Telegram. Owns what the server turned out not to know."""

    def __init__(self, api: TelegramApi, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep
        self._unknown: set[str] = set()

    def sign(self, message: Message, status: str = "") -> None:
        self._api.call(
            "sendChatAction",
            chat_id=int(message.platform["chat"]),
            message_thread_id=int(message.platform.get("topic", 0)) or None,
            action="typing",
        )

    def unsign(self, message: Message) -> None:
        """Nothing: who types no more is no more seen typing after five seconds."""

    def welcome(self, message: Message) -> None:
        """Nothing: who opens a conversation sends /start."""

    def propose(self, message: Message, proposal: Proposal) -> None:
        proposals.propose(self._api, message, proposal, self._sleep)

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        proposals.decided(self._api, message, proposal, word, self._sleep)

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Delivery:
        chat = TelegramChat(self._api, message.platform, shown.ids, self._clock, self._unknown)
        return Delivery(
            chat,
            lambda ids, text: keep(chat.kept(ids), text),
            self._sleep,
            shown.ids,
            over=chat.take_away_the_rest,
        )


class TelegramChat:
    """`delivery.Surface` in a chat.

    A message that begins as a draft is known by the draft's id until the end; `kept` says which message it
    has become. `unknown` are the methods that the server does not know.
    """

    limit = LIMIT
    grows = True

    def __init__(
        self,
        api: TelegramApi,
        place: dict[str, str],
        before: dict[str, str],
        clock: Callable[[], float],
        unknown: set[str],
    ) -> None:
        self._api, self._place, self._unknown = api, place, unknown
        private = place["type"] == "private"
        self._drafts, self._rich = private, True
        self._drafting = {"draft_id": int(place["message"]), **STOPPABLE}
        self._answers = not (private or before)
        self._names = itertools.count(len(before))
        self._rest = {id for id in before.values() if not id.startswith(DRAFT)}
        self._sent: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._gone: set[str] = set()
        self.pace = Pace(PRIVATE_EVERY if private else GROUP_EVERY, clock)

    def kept(self, ids: dict[str, str]) -> dict[str, str]:
        """The ids under which another worker finds what is visible."""
        return {name: self._sent.get(id, id) for name, id in ids.items()}

    def take_away_the_rest(self) -> None:
        """Deletes what an earlier attempt has sent, and this one does not say any more."""
        for id in self._rest:
            with suppress(BackendError):  # it was deleted already, or is seen twice
                self._api.call("deleteMessage", chat_id=int(self._place["chat"]), message_id=int(id))

    def begin(self, text: str) -> str:
        if self._draft(text):
            return f"{DRAFT}{next(self._names)}"
        return self._send(text)

    def grow(self, id: str, text: str, new: str) -> None:
        if id.startswith(DRAFT):
            self._draft(text)
            return
        with suppress(Late, Unreachable):  # the next call shows it
            self._edit(id, text)

    def end(self, id: str, text: str, new: str) -> None:
        if not id.startswith(DRAFT):
            self._edit(id, text)
        if id.startswith(DRAFT) or id in self._gone:
            self._sent[id] = self._send(text)

    def _draft(self, text: str) -> bool:
        """Shows the text as a draft, unless drafts are refused here. What fails is no loss: the whole text
        comes at the end."""
        if self._drafts:
            try:
                self._say("sendMessageDraft", "sendRichMessageDraft", text, **self._drafting)
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

    def _say(self, classic: str, rich: str, text: str, **more: Any) -> Any:
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
