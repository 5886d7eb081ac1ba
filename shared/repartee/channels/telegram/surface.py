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

import msgspec

from repartee.channels.delivery import SendGate
from repartee.channels.pacer import Pacer
from repartee.channels.stream_slots import StreamSlot
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.formatting import FormattedText, format_candidates
from repartee.channels.telegram.ids import ephemeral_arguments
from repartee.channels.typing_indicators import TypingIndicator
from repartee.domain.reply import ActiveMessages
from repartee.errors import BackendError, DeadlineExceeded, InvalidArgument, NotFound, Unavailable

PRIVATE_INTERVAL_SECONDS = 1.0
GROUP_INTERVAL_SECONDS = 3.5
"""Seconds between two calls. In a group a few a minute are left for the message's beginning and end."""

MAX_CALLS_PER_SECOND = 20
"""Calls a second of all replies that grow. What is left of the 30 is for those that begin and end."""

MAX_MESSAGE_CHARS = 3800
"""Characters of one message's Markdown: 4,096 that are seen, in units of which an emoji takes two."""

DRAFT_ID_PREFIX = "draft-"
"""How the ids of messages begin that are still drafts."""

NO_LINK_PREVIEW = {"link_preview_options": {"is_disabled": True}}
"""No link is opened by itself, to show what is behind it."""

DRAFT_METHODS = "sendMessageDraft", "sendRichMessageDraft"
"""The methods that show a draft: one for classic messages, one for rich ones."""

MAX_STATUS_WAIT_SECONDS = 2.0
"""Seconds that what goes on may wait to be shown: later it may be over."""

STOP_BUTTON_OPTIONS = {"can_stop": True, "keep_on_stop": True}
"""Under a draft there is a button that stops it: the webhook is told at once. What was seen stays."""

NOT_MODIFIED_ERROR = "message is not modified"
UNKNOWN_METHOD_ERROR = "method not found"


class MessageMethods(msgspec.Struct, frozen=True):
    """The methods that change a message, and the field that names it."""

    edit: str
    delete: str
    id_field: str


MESSAGE_METHODS = MessageMethods("editMessageText", "deleteMessage", "message_id")
EPHEMERAL_METHODS = MessageMethods(
    "editEphemeralMessageText", "deleteEphemeralMessage", "ephemeral_message_id"
)
"""An ephemeral message is seen by one person of a group:
https://core.telegram.org/bots/api#ephemeral-messages-and-commands"""


class TelegramSurface:
    """`delivery.Surface` in a chat.

    A message that begins as a draft is known by the draft's id until the end; `kept` says which message it
    has become. `unknown` are the methods that the server does not know. The `seat` is the reply's among all
    that grow: the bot has one limit for all its chats, and a group has one for all its topics. Nobody is seen
    `typing` any more once there is something to see.
    """

    max_chars = MAX_MESSAGE_CHARS
    can_extend = True

    def __init__(
        self,
        api: TelegramApi,
        address: dict[str, str],
        earlier_ids: dict[str, str],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        unknown_methods: set[str],
        slot: StreamSlot,
        typing_indicator: TypingIndicator,
        gate: SendGate,
    ) -> None:
        self._api, self._address, self._unknown_methods = api, address, unknown_methods
        self._clock, self._sleep, self._gate = clock, sleep, gate
        self._slot, self._typing_indicator = slot, typing_indicator
        private, ephemeral = address["type"] == "private", "receiver" in address
        self._methods = EPHEMERAL_METHODS if ephemeral else MESSAGE_METHODS
        self._uses_drafts, self._allows_rich = private, not ephemeral
        self._draft_options = _draft_arguments(address)
        self._must_reply_to_question = not (private or earlier_ids or ephemeral)
        self._draft_numbers = itertools.count(len(earlier_ids))
        self._leftover_ids = {id for id in earlier_ids.values() if not id.startswith(DRAFT_ID_PREFIX)}
        self._final_ids: dict[str, str] = {}
        self._text_by_id: dict[str, str] = {}
        self._deleted_ids: set[str] = set()
        self._api_lock = RLock()
        self._draft_text = ""
        self._interval_seconds = PRIVATE_INTERVAL_SECONDS if private else GROUP_INTERVAL_SECONDS
        self.pacer = Pacer(self._interval_seconds, clock, self._share_interval, self._spacing_interval)
        slot.acquire(address["chat"])

    def resolve_ids(self, ids: dict[str, str]) -> dict[str, str]:
        """The ids under which another worker finds what is visible."""
        return {name: self._final_ids.get(id, id) for name, id in ids.items()}

    def clean_up(self) -> None:
        """Gives the seat back, and deletes what an earlier attempt has sent and this one does not say."""
        self._slot.release()
        for id in self._leftover_ids:
            with suppress(BackendError):  # it was deleted already, or is seen twice
                self._api.call_method(
                    self._methods.delete, chat_id=int(self._address["chat"]), **self._message_arguments(id)
                )

    def show_status(self, status: str) -> bool:
        """Shows what goes on below the draft, if there is one by now, until its text goes on. Other threads
        that add to the reply meanwhile wait; what cannot be shown soon is not shown."""
        if self._draft_text and self.pacer.wait_seconds <= MAX_STATUS_WAIT_SECONDS:
            self._sleep(self.pacer.wait_seconds)
            with self._api_lock, suppress(BackendError):
                if self._draft_text:
                    self._call_paced(
                        *DRAFT_METHODS, f"{self._draft_text}\n\n_{status}_", **self._draft_options
                    )
        return bool(self._draft_text) or bool(self._text_by_id)

    def begin_message(self, text: str) -> str:
        self._typing_indicator.stop()
        with self._api_lock:
            if self._show_draft(text):
                return f"{DRAFT_ID_PREFIX}{next(self._draft_numbers)}"
            return self._send_message(text)

    def post_whole_message(self, text: str, is_last: bool) -> str | None:
        """Sends it without a draft before."""
        self._typing_indicator.stop()
        with self._api_lock:
            return self._send_message(text)

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        self._slot.renew()
        with self._api_lock:
            if id.startswith(DRAFT_ID_PREFIX):
                self._show_draft(text)
                return
            with suppress(DeadlineExceeded, Unavailable):  # the next call shows it
                self._edit_message(id, text)

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        with self._api_lock:
            if not id.startswith(DRAFT_ID_PREFIX):
                self._edit_message(id, text)
            if id.startswith(DRAFT_ID_PREFIX) or id in self._deleted_ids:
                self._final_ids[id] = self._send_message(text)
                self._draft_text = ""

    def _show_draft(self, text: str) -> bool:
        """Shows the text as a draft, unless drafts are refused here. What fails is no loss: the whole text
        comes at the end."""
        if self._uses_drafts:
            try:
                self._call_paced(*DRAFT_METHODS, text, **self._draft_options)
                self._draft_text = text
            except (InvalidArgument, NotFound):
                self._uses_drafts = False
            except (DeadlineExceeded, Unavailable):
                pass
        return self._uses_drafts

    def _send_message(self, text: str) -> str:
        asked = {"message_id": int(self._address["message"]), "allow_sending_without_reply": True}
        answers = {"reply_parameters": asked} if self._must_reply_to_question else {}
        answers |= ephemeral_arguments(self._address)
        sent = self._call_paced("sendMessage", "sendRichMessage", text, **answers)
        self._must_reply_to_question = False
        id = str(sent[self._methods.id_field])
        self._text_by_id[id] = text
        return id

    def _edit_message(self, id: str, text: str) -> None:
        """Replaces the text. What a member has deleted meanwhile is sent again in the end."""
        self._leftover_ids.discard(id)
        if id in self._deleted_ids or self._text_by_id.get(id) == text:
            return
        try:
            self._call_paced(self._methods.edit, self._methods.edit, text, **self._message_arguments(id))
        except NotFound:
            self._deleted_ids.add(id)
        self._text_by_id[id] = text

    def _message_arguments(self, id: str) -> dict[str, int]:
        """How a message of the reply is named in a call."""
        named = {self._methods.id_field: int(id)}
        if "receiver" in self._address:
            named["receiver_user_id"] = int(self._address["receiver"])
        return named

    def _share_interval(self, crowd: ActiveMessages) -> float:
        """Topics have their group's messages between them, and all chats the bot's."""
        here = crowd.active_count(self._address["chat"], self._clock())
        return max(self._interval_seconds * here, self._spacing_interval(crowd))

    def _spacing_interval(self, crowd: ActiveMessages) -> float:
        return crowd.active_count("", self._clock()) / MAX_CALLS_PER_SECOND

    def _call_paced(self, classic: str, rich: str, text: str, **arguments: Any) -> Any:
        """Says it when it is this reply's turn."""
        self._sleep(self.pacer.mandatory_wait_seconds)
        self._gate.check()
        said = self._call_with_best_format(classic, rich, text, arguments)
        self.pacer.record_call()
        return said

    def _call_with_best_format(self, classic: str, rich: str, text: str, arguments: dict[str, Any]) -> Any:
        """Calls the method with the text in the best form that is not refused."""
        *others, last = format_candidates(
            text, allow_rich=self._allows_rich and rich not in self._unknown_methods
        )
        for form in others:
            try:
                return self._call_with_format(rich if form.is_rich else classic, form, arguments)
            except InvalidArgument as refusal:
                if refusal.problem.startswith(NOT_MODIFIED_ERROR):
                    return None
                if form.is_rich:
                    self._allows_rich = False
                if form.is_rich and refusal.problem == UNKNOWN_METHOD_ERROR:
                    self._unknown_methods.add(rich)
        return self._call_with_format(classic, last, arguments)

    def _call_with_format(self, method: str, formatted: FormattedText, arguments: dict[str, Any]) -> Any:
        if self._methods.id_field not in arguments and "topic" in self._address:
            arguments = {**arguments, "message_thread_id": int(self._address["topic"])}
        if not (formatted.is_rich or "draft_id" in arguments):
            arguments = {**arguments, **NO_LINK_PREVIEW}
        return self._api.call_method(
            method, chat_id=int(self._address["chat"]), **formatted.arguments, **arguments
        )


def show_status_draft(api: TelegramApi, address: dict[str, str], status: str) -> None:
    """Shows the status while there is no reply yet, in the draft that will become it."""
    best = next(iter(format_candidates(f"_{status}_", allow_rich=False)))
    topic = {"message_thread_id": int(address["topic"])} if "topic" in address else {}
    api.call_method(
        DRAFT_METHODS[0], chat_id=int(address["chat"]), **_draft_arguments(address), **topic, **best.arguments
    )


def _draft_arguments(address: dict[str, str]) -> dict[str, Any]:
    return {"draft_id": int(address["message"]), **STOP_BUTTON_OPTIONS}
