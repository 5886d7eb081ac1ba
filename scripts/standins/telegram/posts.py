"""Messages and chats as the stand-in keeps them, and as the Bot API shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from standins.telegram.arguments import TelegramText

BOT_ID = 7001
BOT_PROFILE = {"id": BOT_ID, "is_bot": True, "first_name": "Repartee", "username": "repartee_bot"}


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
    files: list[str] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)

    @property
    def bot(self) -> bool:
        return self.user == BOT_ID

    def as_seen(self) -> dict[str, Any]:
        """The message as a person sees it."""
        return (
            {"id": self.id, "topic": self.topic, "user": str(self.user), "bot": self.bot, "date": self.date}
            | {"text": self.text.visible_text, "rich": self.text.rich, "edited": bool(self.edited)}
            | {"reply_to": self.reply_to, "streaming": False, "receiver": self.receiver}
            | {"buttons": [button["text"] for row in self.buttons for button in row]}
            | {"photo": bool(self.text.photo), "document": bool(self.text.document)}
            | {"files": list(self.files), "reactions": list(self.reactions)}
        )

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


def chat_object(chat_id: int) -> dict[str, Any]:
    """A chat as the Bot API shows it."""
    if chat_id > 0:
        return {"id": chat_id, "type": "private", "first_name": "Somebody"}
    return {"id": chat_id, "type": "supergroup", "title": "Some group"}
