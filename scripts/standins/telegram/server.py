"""Stands in for Telegram's Bot API: one bot and its chats in memory, with Telegram's own errors and limits.

It differs from Telegram in that chats, people and topics exist as soon as they are named: a positive id is a
private chat, a negative one a group. How long bursts may be is not documented: a chat takes `BURST` messages
at once, and then one a second. That drafts count like messages is assumed, as is what becomes of those who go
on after a 429.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local import sample_files
from standins.telegram import arguments as telegram
from standins.telegram.arguments import METHODS, Arguments, TelegramError, TelegramText
from standins.telegram.bot_methods import BotMethods
from standins.telegram.ephemeral import find_ephemeral, parse_receiver
from standins.telegram.forum_topics import ForumTopics
from standins.telegram.message_rates import MessageRates
from standins.telegram.posts import BOT_ID, BOT_PROFILE, TelegramPost, chat_object
from standins.telegram.presence import Presence, parse_draft_id, require_chat_action
from standins.telegram.responses import TelegramResponse

BOT_TOKEN = "7001:local-standin"


class TelegramStandIn(BotMethods):
    """The bot's chats: their messages, what was called, and how often. Not for more than one thread.

    `posts` has every call that was made, in order, with its time; `version` grows with every visible change.
    `files` holds what people sent, by file id; who is in `blocked` has blocked the bot; `unknown` are methods
    that this server does not have yet; `moved` are groups that have become supergroups, with their new ids;
    `members` are those of groups, with their status. `forums` are groups with topics, and whether the bot has
    the right to manage them.
    """

    def __init__(self, clock: Callable[[], float], token: str = BOT_TOKEN) -> None:
        self._clock, self._token = clock, token
        self._messages: dict[tuple[int, int], TelegramPost] = {}
        self._presence = Presence(clock)
        self._rates = MessageRates(clock)
        self._forums = ForumTopics()
        self._last_id = 1000
        super().__init__()
        self.blocked: set[int] = set()
        self.unknown: set[str] = set()
        self.moved: dict[int, int] = {}
        self.members: dict[int, dict[int, str]] = {}
        self.forums = self._forums.managed_by_bot
        self.posts: list[dict[str, Any]] = []
        self.version = 0

    def handle_call(self, method: str, token: str, arguments: Arguments) -> TelegramResponse:
        """One call of the Bot API. Never raises: what is wrong is Telegram's answer."""
        told = telegram.without_file_contents(arguments)
        entry = {"at": self._clock(), "method": method, "arguments": told}
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

    def _add_bot_message(self, arguments: Arguments, text: TelegramText) -> dict[str, Any]:
        chat_id = self._require_reachable_chat(arguments)
        replied = telegram.parse_structured(arguments, "reply_parameters")
        receiver = parse_receiver(self._messages, chat_id, arguments, replied, self._clock())
        reply_to = 0 if receiver else self._find_replied_message(chat_id, replied)
        buttons = telegram.parse_buttons(arguments)
        topic = telegram.parse_number(arguments, "message_thread_id")
        self._forums.require_topic(chat_id, topic)
        self._rates.count_message(chat_id)
        self._presence.clear(chat_id)
        posted = self._add_message(chat_id, BOT_ID, text, topic=topic, reply_to=reply_to, receiver=receiver)
        posted.buttons = buttons
        return posted.as_telegram()

    def _editEphemeralMessageText(self, arguments: Arguments) -> bool:
        posted = self._find_ephemeral(arguments)
        self._rates.count_message(posted.chat)
        posted.text, posted.edited = telegram.parse_text(arguments), int(self._clock())
        return True

    def _deleteEphemeralMessage(self, arguments: Arguments) -> bool:
        posted = self._find_ephemeral(arguments)
        del self._messages[posted.chat, posted.id]
        return True

    def _find_ephemeral(self, arguments: Arguments) -> TelegramPost:
        return find_ephemeral(self._messages, self._require_reachable_chat(arguments), arguments)

    def _sendMessageDraft(self, arguments: Arguments) -> bool:
        return self._show_draft(arguments, telegram.parse_text(arguments, empty=True))

    def _sendRichMessageDraft(self, arguments: Arguments) -> bool:
        return self._show_draft(arguments, telegram.parse_rich_message(arguments))

    def _show_draft(self, arguments: Arguments, text: TelegramText) -> bool:
        chat_id = self._require_reachable_chat(arguments)
        draft_id = parse_draft_id(chat_id, arguments)
        self._rates.count_message(chat_id)
        return self._presence.show_draft(chat_id, draft_id, text)

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
        self._rates.count_message(chat_id)
        posted.text, posted.buttons, posted.edited = text, buttons, int(self._clock())
        return posted.as_telegram()

    def _deleteMessage(self, arguments: Arguments) -> bool:
        key = self._require_reachable_chat(arguments), telegram.parse_number(arguments, "message_id")
        if key not in self._messages or self._messages[key].receiver:
            raise TelegramError(400, "message to delete not found")
        del self._messages[key]
        return True

    def _setMessageReaction(self, arguments: Arguments) -> bool:
        key = self._require_reachable_chat(arguments), telegram.parse_number(arguments, "message_id")
        if key not in self._messages or self._messages[key].receiver:
            raise TelegramError(400, "message to react not found")
        self._messages[key].reactions = telegram.parse_reactions(arguments)
        return True

    def _answerCallbackQuery(self, arguments: Arguments) -> bool:
        if not arguments.get("callback_query_id"):
            raise TelegramError(400, "query is too old and response timeout expired or query ID is invalid")
        if len(str(arguments.get("text") or "")) > 200:
            raise TelegramError(400, "MESSAGE_TOO_LONG")
        return True

    def _sendChatAction(self, arguments: Arguments) -> bool:
        require_chat_action(arguments)
        return self._presence.show_typing(self._require_reachable_chat(arguments))

    def _createForumTopic(self, arguments: Arguments) -> dict[str, Any]:
        chat_id = self._require_reachable_chat(arguments)
        name = self._forums.parse_name(chat_id, arguments)
        self._last_id += 1  # the topic's first message, which says that it was made
        return self._forums.add(chat_id, self._last_id, name)

    def _closeForumTopic(self, arguments: Arguments) -> bool:
        return self._forums.set_closed(self._require_reachable_chat(arguments), arguments, closed=True)

    def _reopenForumTopic(self, arguments: Arguments) -> bool:
        return self._forums.set_closed(self._require_reachable_chat(arguments), arguments, closed=False)

    def _deleteForumTopic(self, arguments: Arguments) -> bool:
        return self._forums.delete(self._require_reachable_chat(arguments), arguments)

    def visible_topics(self, chat_id: int) -> list[dict[str, Any]]:
        """Returns the topics that the bot has made in a group: id, name, and whether each is closed."""
        return self._forums.visible_topics(chat_id)

    def _getChat(self, arguments: Arguments) -> dict[str, Any]:
        chat_id = self._require_reachable_chat(arguments)
        shown = chat_object(chat_id)
        return shown | {"is_forum": True} if chat_id in self.forums else shown

    def _getChatMember(self, arguments: Arguments) -> dict[str, Any]:
        user = int(arguments.get("user_id") or 0)
        known = self.members.get(self._require_reachable_chat(arguments), {})
        if user not in known:
            raise TelegramError(400, "PARTICIPANT_ID_INVALID")
        if user == BOT_ID and known[user] == "administrator":
            rights = {"can_manage_topics": self.forums.get(telegram.parse_chat(arguments), False)}
            return {"status": known[user], "user": BOT_PROFILE, **rights}
        return {"status": known[user], "user": {"id": user, "is_bot": False, "first_name": "Member"}}

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
            content = b"" if file_id in self.files else sample_files.read_file(name)
            if content:
                self.files[file_id] = content
        receiver = BOT_ID if ephemeral else 0
        posted = self._add_message(chat_id, user, TelegramText(text), id=id, topic=topic, receiver=receiver)
        posted.files = list((files or {}).values())
        self.version += 1
        return posted

    def change_message(
        self, chat_id: int, id: int, text: str = "", reaction: str = "", *, deleted: bool = False
    ) -> None:
        """A person changes or deletes a message of theirs, or reacts to any message with an emoji."""
        if deleted:
            del self._messages[chat_id, id]
            self.version += 1
            return
        posted = self._messages[chat_id, id]
        if text:
            posted.text, posted.edited = TelegramText(text), int(self._clock())
        if reaction:
            posted.reactions = [reaction]
        self.version += 1

    def visible_chat(self, chat_id: int) -> dict[str, Any]:
        """The chat as a person sees it. A draft is a message that is still written."""
        messages = [posted.as_seen() for (place, _), posted in self._messages.items() if place == chat_id]
        messages += self._presence.visible_draft(chat_id)
        typing = self._presence.is_typing(chat_id)
        return {"messages": messages, "typing": typing, "version": self.version}
