"""Stands in for Telegram's Bot API: one bot and its chats in memory, with Telegram's own errors and limits.

It differs from Telegram in that chats, people and topics exist as soon as they are named: a positive id is a
private chat, a negative one a group. How long bursts may be is not documented: a chat takes `BURST` messages
at once, and then one a second. That drafts count like messages is assumed, as is what becomes of those who go
on after a 429.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local import sample_files
from standins.telegram import arguments as telegram
from standins.telegram.arguments import METHODS, Arguments, TelegramError, TelegramText
from standins.telegram.limits import (
    DRAFT_SECONDS,
    EPHEMERAL_ANSWER_SECONDS,
    MAX_BOT_MESSAGES_PER_SECOND,
    MAX_CHAT_BURST,
    MAX_FILE_BYTES,
    MAX_GROUP_MESSAGES_PER_MINUTE,
    TYPING_SECONDS,
)
from standins.telegram.updates import TelegramUpdates, parse_commands

BOT_TOKEN = "7001:local-standin"
BOT_ID = 7001
BOT_PROFILE = {"id": BOT_ID, "is_bot": True, "first_name": "Repartee", "username": "repartee_bot"}
BOT_CAPABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}


@dataclass
class TelegramPost:
    """A message as the chat keeps it."""

    id: int
    chat: int
    user: int
    text: TelegramText
    date: int
    topic: int = 0
    reply_to: int = 0
    edited: int = 0
    receiver: int = 0
    buttons: list[list[dict[str, Any]]] = field(default_factory=list)

    @property
    def bot(self) -> bool:
        return self.user == BOT_ID

    def as_telegram(self) -> dict[str, Any]:
        """The message as the Bot API shows it."""
        shown: dict[str, Any] = {
            "message_id": self.id,
            "chat": chat_object(self.chat),
            "date": self.date,
            "from": BOT_PROFILE,
        }
        if self.buttons:
            shown["reply_markup"] = {"inline_keyboard": self.buttons}
        if self.text.rich:
            shown["rich_message"] = {"blocks": [{"type": "paragraph", "text": self.text.visible_text}]}
        elif self.text.photo:
            size = {"file_id": self.text.photo, "file_unique_id": "u1", "width": 100, "height": 100}
            shown |= {"photo": [size], "caption": self.text.visible_text}
        elif self.text.document:
            file = {"file_id": self.text.document, "file_unique_id": "u1"}
            shown |= {"document": file, "caption": self.text.visible_text}
        else:
            shown["text"] = self.text.visible_text
        if self.receiver:
            shown |= {"message_id": 0, "ephemeral_message_id": self.id}
            shown["receiver_user"] = {"id": self.receiver, "is_bot": False, "first_name": "Somebody"}
        if self.topic:
            shown |= {"message_thread_id": self.topic, "is_topic_message": True}
        if self.edited:
            shown["edit_date"] = self.edited
        return shown


@dataclass(frozen=True)
class TelegramResponse:
    """An HTTP response."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class TelegramStandIn:
    """The bot's chats: their messages, what was called, and how often. Not for more than one thread.

    `posts` has every call that was made, in order, with its time; `version` grows with every visible change.
    `files` holds what people sent, by file id; who is in `blocked` has blocked the bot; `unknown` are methods
    that this server does not have yet; `moved` are groups that have become supergroups, with their new ids;
    `members` are those of groups, with their status.
    """

    def __init__(self, clock: Callable[[], float], token: str = BOT_TOKEN) -> None:
        self._clock, self._token = clock, token
        self._messages: dict[tuple[int, int], TelegramPost] = {}
        self._drafts: dict[int, tuple[int, TelegramText, float]] = {}
        self._typing: dict[int, float] = {}
        self._buckets: dict[int, tuple[float, float]] = {}
        self._recent: defaultdict[int, deque[float]] = defaultdict(deque)
        self._last_id = 1000
        self.updates = TelegramUpdates()
        self.files: dict[str, bytes] = {}
        self.blocked: set[int] = set()
        self.unknown: set[str] = set()
        self.moved: dict[int, int] = {}
        self.members: dict[int, dict[int, str]] = {}
        self.posts: list[dict[str, Any]] = []
        self.version = 0

    def handle_call(self, method: str, token: str, arguments: Arguments) -> TelegramResponse:
        """One call of the Bot API. Never raises: what is wrong is Telegram's answer."""
        entry = {"at": self._clock(), "method": method, "arguments": _without_file_contents(arguments)}
        self.posts.append(entry)
        answer = self._dispatch_call(method, token, arguments)
        entry["ok"], entry["error"] = answer.body["ok"], answer.body.get("description")
        entry["ignored"] = sorted(set(arguments) - METHODS.get(method, set()))
        if answer.body["ok"]:
            result = answer.body["result"]
            entry["message_id"] = result.get("message_id") if isinstance(result, dict) else None
            self.version += 1
        return answer

    def download_file(self, token: str, path: str) -> TelegramResponse | bytes:
        """Returns the file behind a link."""
        content = self.files.get(path.rpartition("/")[2])
        if token != self._token or content is None:
            return TelegramResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return content

    def _dispatch_call(self, method: str, token: str, arguments: Arguments) -> TelegramResponse:
        try:
            if token != self._token:
                raise TelegramError(401 if ":" in token else 404, "Unauthorized" if ":" in token else "")
            if method not in METHODS or method in self.unknown:
                raise TelegramError(404, "method not found")
            return TelegramResponse({"ok": True, "result": getattr(self, "_" + method)(arguments)})
        except TelegramError as error:
            body = {"ok": False, "error_code": error.code, "description": str(error) or "Not Found"}
            if error.parameters:
                body["parameters"] = error.parameters
            return TelegramResponse(body, error.code)

    def _getMe(self, arguments: Arguments) -> dict[str, Any]:
        return BOT_PROFILE | BOT_CAPABILITIES

    def _getMyCommands(self, arguments: Arguments) -> list[dict[str, str]]:
        return self.updates.commands

    def _setMyCommands(self, arguments: Arguments) -> bool:
        self.updates.commands = parse_commands(arguments)
        return True

    def _getWebhookInfo(self, arguments: Arguments) -> dict[str, Any]:
        return self.updates.describe_webhook()

    def _setWebhook(self, arguments: Arguments) -> bool:
        return self.updates.set_webhook(arguments)

    def _deleteWebhook(self, arguments: Arguments) -> bool:
        return self.updates.set_webhook({"url": ""})

    def _getUpdates(self, arguments: Arguments) -> list[dict[str, Any]]:
        return self.updates.fetch(arguments)

    def _sendMessage(self, arguments: Arguments) -> dict[str, Any]:
        return self._add_bot_message(arguments, telegram.parse_text(arguments))

    def _sendRichMessage(self, arguments: Arguments) -> dict[str, Any]:
        return self._add_bot_message(arguments, telegram.parse_rich_message(arguments))

    def _sendPhoto(self, arguments: Arguments) -> dict[str, Any]:
        content = telegram.parse_photo(arguments)
        return self._add_bot_message(
            arguments, TelegramText(telegram.parse_caption(arguments), photo=self._store_file(content))
        )

    def _sendDocument(self, arguments: Arguments) -> dict[str, Any]:
        content = telegram.parse_upload(arguments, "document")
        return self._add_bot_message(
            arguments, TelegramText(telegram.parse_caption(arguments), document=self._store_file(content))
        )

    def _store_file(self, content: bytes) -> str:
        id = f"AgAC{len(self.files)}"
        self.files[id] = content
        return id

    def _add_bot_message(self, arguments: Arguments, text: TelegramText) -> dict[str, Any]:
        chat_id = self._require_reachable_chat(arguments)
        replied = telegram.parse_structured(arguments, "reply_parameters")
        receiver = self._parse_receiver(chat_id, arguments, replied)
        reply_to = 0 if receiver else self._find_replied_message(chat_id, replied)
        buttons = telegram.parse_buttons(arguments)
        self._count_message(chat_id)
        self._drafts.pop(chat_id, None)
        self._typing.pop(chat_id, None)
        topic = telegram.parse_number(arguments, "message_thread_id")
        posted = self._add_message(chat_id, BOT_ID, text, topic=topic, reply_to=reply_to, receiver=receiver)
        posted.buttons = buttons
        return posted.as_telegram()

    def _parse_receiver(self, chat_id: int, arguments: Arguments, replied: dict[str, Any]) -> int:
        """Who alone sees a message, 0 for all. A bot that is no administrator may write to that person only
        in reply to an ephemeral message of theirs, or to a press of theirs, for 15 seconds. How Telegram
        words the refusals is assumed."""
        given = telegram.parse_structured(arguments, "ephemeral_message_parameters")
        if not given:
            return 0
        receiver = telegram.parse_number(given, "receiver_user_id")
        asked = self._messages.get((chat_id, telegram.parse_number(replied, "ephemeral_message_id")))
        if chat_id > 0:
            raise TelegramError(400, "BOT_NOT_ADMIN")
        if given.get("callback_query_id"):
            return receiver
        if asked is None or asked.user != receiver or not asked.receiver:
            raise TelegramError(400, "ephemeral message to be replied not found")
        if self._clock() - asked.date > EPHEMERAL_ANSWER_SECONDS:
            raise TelegramError(400, "ephemeral message is too old to be replied")
        return receiver

    def _editEphemeralMessageText(self, arguments: Arguments) -> bool:
        posted = self._find_ephemeral(arguments)
        self._count_message(posted.chat)
        posted.text, posted.edited = telegram.parse_text(arguments), int(self._clock())
        return True

    def _deleteEphemeralMessage(self, arguments: Arguments) -> bool:
        posted = self._find_ephemeral(arguments)
        del self._messages[posted.chat, posted.id]
        return True

    def _find_ephemeral(self, arguments: Arguments) -> TelegramPost:
        chat_id = self._require_reachable_chat(arguments)
        posted = self._messages.get((chat_id, telegram.parse_number(arguments, "ephemeral_message_id")))
        receiver = telegram.parse_number(arguments, "receiver_user_id")
        if posted is None or not posted.bot or posted.receiver != receiver:
            raise TelegramError(400, "message to edit not found")
        return posted

    def _sendMessageDraft(self, arguments: Arguments) -> bool:
        return self._show_draft(arguments, telegram.parse_text(arguments, empty=True))

    def _sendRichMessageDraft(self, arguments: Arguments) -> bool:
        return self._show_draft(arguments, telegram.parse_rich_message(arguments))

    def _show_draft(self, arguments: Arguments, text: TelegramText) -> bool:
        chat_id = self._require_reachable_chat(arguments)
        if chat_id < 0:
            raise TelegramError(400, "TEXTDRAFT_PEER_INVALID")
        draft_id = telegram.parse_number(arguments, "draft_id")
        if not draft_id:
            raise TelegramError(400, "draft_id must be non-zero")  # how Telegram words it is not documented
        self._count_message(chat_id)
        self._drafts[chat_id] = draft_id, text, self._clock()
        return True

    def _editMessageText(self, arguments: Arguments) -> dict[str, Any]:
        chat_id = self._require_reachable_chat(arguments)
        if "rich_message" in arguments:
            text = telegram.parse_rich_message(arguments)
        else:
            text = telegram.parse_text(arguments, too_long="MESSAGE_TOO_LONG")
        posted = self._messages.get((chat_id, telegram.parse_number(arguments, "message_id")))
        if posted is None or posted.receiver:
            raise TelegramError(400, "message to edit not found")
        if not posted.bot:
            raise TelegramError(400, "message can't be edited")
        before = posted.text.visible_text, posted.text.rich, posted.text.markup, posted.buttons
        if before == (
            text.visible_text,
            text.rich,
            text.markup,
            buttons := telegram.parse_buttons(arguments),
        ):
            raise TelegramError(400, telegram.NOT_MODIFIED)
        self._count_message(chat_id)
        posted.text, posted.buttons, posted.edited = text, buttons, int(self._clock())
        return posted.as_telegram()

    def _deleteMessage(self, arguments: Arguments) -> bool:
        key = self._require_reachable_chat(arguments), telegram.parse_number(arguments, "message_id")
        if key not in self._messages or self._messages[key].receiver:
            raise TelegramError(400, "message to delete not found")
        del self._messages[key]
        return True

    def _answerCallbackQuery(self, arguments: Arguments) -> bool:
        if not arguments.get("callback_query_id"):
            raise TelegramError(400, "query is too old and response timeout expired or query ID is invalid")
        if len(str(arguments.get("text") or "")) > 200:
            raise TelegramError(400, "MESSAGE_TOO_LONG")
        return True

    def _sendChatAction(self, arguments: Arguments) -> bool:
        if arguments.get("action") not in CHAT_ACTIONS:
            raise TelegramError(400, "wrong parameter action in request")
        self._typing[self._require_reachable_chat(arguments)] = self._clock()
        return True

    def _getChatMember(self, arguments: Arguments) -> dict[str, Any]:
        user = int(arguments.get("user_id") or 0)
        known = self.members.get(self._require_reachable_chat(arguments), {})
        if user not in known:
            raise TelegramError(400, "PARTICIPANT_ID_INVALID")
        return {"status": known[user], "user": {"id": user, "is_bot": False, "first_name": "Member"}}

    def _getFile(self, arguments: Arguments) -> dict[str, Any]:
        file_id = str(arguments.get("file_id") or "")
        if file_id not in self.files:
            raise TelegramError(400, "wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        if size > MAX_FILE_BYTES:
            raise TelegramError(400, "file is too big")
        known = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size}
        return {**known, "file_path": f"documents/{file_id}"}

    def _require_reachable_chat(self, arguments: Arguments) -> int:
        chat_id = telegram.parse_chat(arguments)
        if chat_id in self.moved:
            raise TelegramError(
                400,
                "group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat_id],
            )
        if chat_id in self.blocked:
            reason = "was blocked by the user" if chat_id > 0 else "was kicked from the supergroup chat"
            raise TelegramError(403, f"bot {reason}")
        return chat_id

    def _find_replied_message(self, chat_id: int, parameters: dict[str, Any]) -> int:
        reply_to = telegram.parse_number(parameters, "message_id")
        if not reply_to or (chat_id, reply_to) in self._messages:
            return reply_to
        if not parameters.get("allow_sending_without_reply"):
            raise TelegramError(400, "message to be replied not found")
        return 0

    def _count_message(self, chat_id: int) -> None:
        """Counts a message. Raises when it is one too many."""
        now = self._clock()
        tokens, since = self._buckets.get(chat_id, (float(MAX_CHAT_BURST), now))
        tokens = min(float(MAX_CHAT_BURST), tokens + now - since)
        waits = [
            1.0 - tokens,
            self._retry_after_seconds(chat_id, MAX_GROUP_MESSAGES_PER_MINUTE, 60.0) if chat_id < 0 else 0.0,
            self._retry_after_seconds(0, MAX_BOT_MESSAGES_PER_SECOND, 1.0),
        ]
        if max(waits) > 0:
            seconds = math.ceil(max(waits))
            raise TelegramError(429, f"retry after {seconds}", retry_after=seconds)
        self._buckets[chat_id] = tokens - 1.0, now
        self._recent[chat_id].append(now)
        self._recent[0].append(now)

    def _retry_after_seconds(self, of: int, limit: int, within: float) -> float:
        """Seconds until another one may be sent, 0 if now."""
        recent, now = self._recent[of], self._clock()
        while recent and recent[0] <= now - within:
            recent.popleft()
        return recent[-limit] + within - now if len(recent) >= limit else 0.0

    def _add_message(self, chat_id: int, user: int, text: TelegramText, **more: Any) -> TelegramPost:
        self._last_id += 1
        posted = TelegramPost(
            more.pop("id", 0) or self._last_id, chat_id, user, text, int(self._clock()), **more
        )
        self._messages[chat_id, posted.id] = posted
        return posted

    def add_person_message(
        self,
        chat_id: int,
        user: int,
        text: str,
        id: int = 0,
        topic: int = 0,
        files: Mapping[str, str] | None = None,
        ephemeral: bool = False,
    ) -> TelegramPost:
        """A person writes in the chat, perhaps to the bot alone (`ephemeral`), and may send files: samples,
        by their names."""
        for file_id, name in (files or {}).items():
            if content := sample_files.read_file(name):
                self.files[file_id] = content
        receiver = BOT_ID if ephemeral else 0
        posted = self._add_message(chat_id, user, TelegramText(text), id=id, topic=topic, receiver=receiver)
        self.version += 1
        return posted

    def visible_chat(self, chat_id: int) -> dict[str, Any]:
        """The chat as a person sees it. A draft is a message that is still written."""
        now = self._clock()
        messages = [
            {"id": posted.id, "topic": posted.topic, "user": str(posted.user), "bot": posted.bot}
            | {"text": posted.text.visible_text, "rich": posted.text.rich, "edited": bool(posted.edited)}
            | {"reply_to": posted.reply_to, "streaming": False, "receiver": posted.receiver}
            | {"buttons": [button["text"] for row in posted.buttons for button in row]}
            | {"photo": bool(posted.text.photo), "document": bool(posted.text.document)}
            for (place, _), posted in self._messages.items()
            if place == chat_id
        ]
        if chat_id in self._drafts and now - self._drafts[chat_id][2] < DRAFT_SECONDS:
            draft_id, text, _ = self._drafts[chat_id]
            shown = {"id": draft_id, "topic": 0, "user": str(BOT_ID), "bot": True, "text": text.visible_text}
            draft = {"rich": text.rich, "edited": False, "reply_to": 0, "streaming": True, "receiver": 0}
            messages.append(shown | draft)
        typing = now - self._typing.get(chat_id, -math.inf) < TYPING_SECONDS
        return {"messages": messages, "typing": typing, "version": self.version}


def _without_file_contents(arguments: Arguments) -> dict[str, Any]:
    """The arguments, with the sizes of files for files."""
    return {
        name: f"{len(value)} bytes" if isinstance(value, bytes) else value
        for name, value in arguments.items()
    }


CHAT_ACTIONS = {"typing", "upload_photo", "upload_document", "upload_voice", "record_voice", "find_location"}


def chat_object(chat_id: int) -> dict[str, Any]:
    """A chat as the Bot API shows it."""
    if chat_id > 0:
        return {"id": chat_id, "type": "private", "first_name": "Somebody"}
    return {"id": chat_id, "type": "supergroup", "title": "Some group"}
