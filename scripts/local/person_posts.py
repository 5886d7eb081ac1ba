"""Builds what platforms post when a person says, edits or reacts to something, signed as they sign.

Each is a sample event, with the person, the place and the words of this time.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from local.person_files import attach_to_slack, attach_to_telegram, attach_to_whatsapp
from local.sample_events import samples, telegram, whatsapp
from local.try_places import (
    TELEGRAM_GROUP,
    TELEGRAM_PEOPLE,
    WHATSAPP_NUMBERS,
    WHATSAPP_PEOPLE,
    address_of,
    place_of,
)
from repartee.console.try_it_stage import SaidFile, TryChoice

Event = dict[str, Any]

SLACK_BOT, TELEGRAM_BOT_NAME = "U0REPARTEE", "@repartee_bot"
MENTIONS = (f"<@{SLACK_BOT}>", TELEGRAM_BOT_NAME)
"""The words before a message in a group that address the assistant."""

SLACK_EMOJIS = {"👍": "thumbsup", "👎": "thumbsdown", "❤️": "heart"}
SLASH_COMMAND = "/repartee"


class PersonPosts:
    """Builds the posts. `secret_of` returns the secret with which a platform signs."""

    def __init__(self, secret_of: Callable[[str], str]) -> None:
        self._secret_of = secret_of

    def say(
        self, choice: TryChoice, text: str, at: float, thread: str, file: SaidFile | None, file_id: str
    ) -> samples.PostedRequest:
        """Returns the post of a message, with the file that is known by that id."""
        build = {"slack": _slack_message, "telegram": _telegram_message, "whatsapp": _whatsapp_message}
        event = build[place_of(choice).channel](choice, text, at)
        if thread:
            event["event"]["thread_ts"] = thread
        if file:
            attach = {
                "slack": attach_to_slack,
                "telegram": attach_to_telegram,
                "whatsapp": attach_to_whatsapp,
            }
            attach[place_of(choice).channel](event, file, file_id)
        return self._sign(choice, event, at)

    def edit(
        self, choice: TryChoice, earlier: Mapping[str, Any], text: str, at: float
    ) -> samples.PostedRequest:
        """Returns the post of other words for a message, which is as its stand-in shows it."""
        build = {"slack": _slack_edit, "telegram": _telegram_edit, "whatsapp": _whatsapp_edit}
        return self._sign(choice, build[place_of(choice).channel](choice, earlier, text, at), at)

    def delete(
        self, choice: TryChoice, earlier: Mapping[str, Any], at: float, *, has_replies: bool
    ) -> samples.PostedRequest | None:
        """Returns the post of a deletion of a message, which is as its stand-in has shown it. None where the
        platform tells bots of none."""
        channel = place_of(choice).channel
        if channel == "slack":
            build = _slack_tombstone if has_replies else _slack_deletion
            return self._sign(choice, build(choice, earlier, at), at)
        return (
            self._sign(choice, _whatsapp_deletion(choice, earlier, at), at) if channel == "whatsapp" else None
        )

    def react(
        self, choice: TryChoice, message: Mapping[str, Any], emoji: str, at: float
    ) -> samples.PostedRequest:
        """Returns the post of an emoji under a message, which is as its stand-in shows it."""
        build = {"slack": _slack_reaction, "telegram": _telegram_reaction, "whatsapp": _whatsapp_reaction}
        return self._sign(choice, build[place_of(choice).channel](choice, message, emoji, at), at)

    def give_slack_command(self, choice: TryChoice, text: str, at: float) -> samples.PostedRequest:
        """Returns the post of a slash command: a form, unlike messages."""
        form = _read_sample("slack/commands/mute_command")
        form |= {"user_id": choice.person, "channel_id": address_of(choice).room}
        form["text"] = text.removeprefix(SLASH_COMMAND).strip()
        body = urlencode(form).encode()
        headers = samples.sign_for_slack(body, at, self._secret_of("slack"), form=True)
        return samples.PostedRequest("/slack/commands", headers, body)

    def _sign(self, choice: TryChoice, event: Event, at: float) -> samples.PostedRequest:
        channel = place_of(choice).channel
        body, secret = json.dumps(event).encode(), self._secret_of(channel)
        if channel == "slack":
            return samples.PostedRequest("/slack/events", samples.sign_for_slack(body, at, secret), body)
        if channel == "telegram":
            return samples.PostedRequest(telegram.WEBHOOK_PATH, telegram.sign_headers(secret), body)
        return samples.PostedRequest(whatsapp.WEBHOOK_PATH, whatsapp.sign_headers(body, secret), body)


def own_words(text: str) -> str:
    """Returns the words of a message without the mention before them."""
    for mention in MENTIONS:
        text = text.removeprefix(mention)
    return text.strip()


def changed_words(before: str, text: str) -> str:
    """Returns the text after an edit of the own words: the mention before them stays."""
    mention = next((one for one in MENTIONS if before.startswith(one)), "")
    return f"{mention} {text}".strip()


def _read_sample(name: str) -> Event:
    event: Event = json.loads(samples.find_event(name).read_text())
    return event


def _slack_message(choice: TryChoice, text: str, at: float) -> Event:
    is_direct = choice.place == "slack-direct"
    event = _slack_event("slack/direct_message" if is_direct else "slack/app_mention", choice, at)
    event["event"] |= {"ts": f"{at:.6f}", "text": text if is_direct else f"<@{SLACK_BOT}> {text}".strip()}
    event["event"].pop("blocks", None)
    event["event"]["client_msg_id"] = uuid.uuid4().hex
    return event


def _slack_edit(choice: TryChoice, earlier: Mapping[str, Any], text: str, at: float) -> Event:
    event = _slack_event("slack/message_changed", choice, at)
    thread = {"thread_ts": earlier["thread_ts"]} if earlier["thread_ts"] else {}
    told = {"user": choice.person, "ts": earlier["ts"], **thread}
    event["event"]["previous_message"] |= {**told, "text": earlier["text"]}
    event["event"]["message"] |= {**told, "text": changed_words(earlier["text"], text)}
    event["event"]["message"]["edited"] = {"user": choice.person, "ts": f"{at:.6f}"}
    event["event"]["channel_type"] = "im" if choice.place == "slack-direct" else "channel"
    event["event"]["ts"] = f"{at:.6f}"
    event["event"].pop("user")
    return event


def _slack_deletion(choice: TryChoice, earlier: Mapping[str, Any], at: float) -> Event:
    event = _slack_event("slack/message_deleted", choice, at)
    thread = {"thread_ts": earlier["thread_ts"]} if earlier["thread_ts"] else {}
    told = {"user": choice.person, "ts": earlier["ts"], "text": earlier["text"], **thread}
    event["event"]["previous_message"] |= told
    event["event"]["channel_type"] = "im" if choice.place == "slack-direct" else "channel"
    event["event"] |= {"deleted_ts": earlier["ts"], "ts": f"{at:.6f}"}
    event["event"].pop("user")
    return event


def _slack_tombstone(choice: TryChoice, earlier: Mapping[str, Any], at: float) -> Event:
    """A message with replies leaves one of Slack's own in its place, and is told of as changed."""
    event = _slack_edit(choice, earlier, "", at)
    event["event"]["message"] |= {"subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
    event["event"]["message"]["text"] = "This message was deleted."
    event["event"]["message"].pop("edited")
    return event


def _slack_reaction(choice: TryChoice, message: Mapping[str, Any], emoji: str, at: float) -> Event:
    event = _slack_event("slack/reaction_added", choice, at)
    item = {"type": "message", "channel": event["event"].pop("channel"), "ts": message["ts"]}
    return event | {"event": event["event"] | {"reaction": SLACK_EMOJIS[emoji], "item": item}}


def _slack_event(name: str, choice: TryChoice, at: float) -> Event:
    event = _read_sample(name)
    event["event"] |= {"user": choice.person, "channel": address_of(choice).room, "event_ts": f"{at:.6f}"}
    return event | {"event_id": f"Ev{uuid.uuid4().hex[:9].upper()}", "event_time": int(at)}


def _telegram_message(choice: TryChoice, text: str, at: float) -> Event:
    is_group = choice.place == "telegram-group"
    update = _read_sample("telegram/group_mention" if is_group else "telegram/private_message")
    message, name = update["message"], dict(TELEGRAM_PEOPLE)[choice.person]
    message["from"] = {"id": int(choice.person), "is_bot": False, "first_name": name}
    chat = {"id": int(choice.person), "first_name": name, "type": "private"}
    message["chat"] = message["chat"] | {"id": TELEGRAM_GROUP} if is_group else chat
    message.pop("entities", None)
    message |= _telegram_text(text, is_group=is_group)
    message |= {"message_id": int(at * 1000) % 2**30, "date": int(at)}
    return update | {"update_id": int(at * 1000) % 2**31}


def _telegram_text(text: str, *, is_group: bool) -> Event:
    """Returns the text with its entities: a command, or the mention that addresses the bot."""
    if text.startswith("/"):
        command, _, rest = text.partition(" ")
        command += TELEGRAM_BOT_NAME if is_group else ""
        return _marked_text(f"{command} {rest}".strip(), "bot_command", len(command))
    if is_group:
        return _marked_text(f"{TELEGRAM_BOT_NAME} {text}".strip(), "mention", len(TELEGRAM_BOT_NAME))
    return {"text": text}


def _marked_text(text: str, kind: str, length: int) -> Event:
    return {"text": text, "entities": [{"type": kind, "offset": 0, "length": length}]}


def _telegram_edit(choice: TryChoice, earlier: Mapping[str, Any], text: str, at: float) -> Event:
    update = _telegram_message(choice, text, at)
    edited = update.pop("message") | {
        "message_id": earlier["id"],
        "date": earlier["date"],
        "edit_date": int(at),
    }
    return update | {"edited_message": edited}


def _telegram_reaction(choice: TryChoice, message: Mapping[str, Any], emoji: str, at: float) -> Event:
    said = _telegram_message(choice, "", at)
    reaction = {"chat": said["message"]["chat"], "user": said["message"]["from"], "date": int(at)}
    reaction |= {"message_id": message["id"], "old_reaction": []}
    # Telegram's heart is without the selector of its colored form.
    reaction["new_reaction"] = [{"type": "emoji", "emoji": emoji.removesuffix("\ufe0f")}]
    return {"update_id": said["update_id"], "message_reaction": reaction}


def _whatsapp_message(choice: TryChoice, text: str, at: float) -> Event:
    event, message = _whatsapp_event("whatsapp/text", choice, at)
    message["text"] = {"body": text}
    return event


def _whatsapp_edit(choice: TryChoice, earlier: Mapping[str, Any], text: str, at: float) -> Event:
    event, message = _whatsapp_event("whatsapp/edited_message", choice, at)
    told = {"type": "text", "text": {"body": text}}
    message["edit"] = {"original_message_id": earlier["id"], "message": told}
    return event


def _whatsapp_deletion(choice: TryChoice, earlier: Mapping[str, Any], at: float) -> Event:
    event, message = _whatsapp_event("whatsapp/deleted_message", choice, at)
    message["revoke"] = {"original_message_id": earlier["id"]}
    return event


def _whatsapp_reaction(choice: TryChoice, message: Mapping[str, Any], emoji: str, at: float) -> Event:
    event, reaction = _whatsapp_event("whatsapp/reaction", choice, at)
    reaction["reaction"] = {"message_id": message["id"], "emoji": emoji}
    return event


def _whatsapp_event(name: str, choice: TryChoice, at: float) -> tuple[Event, Event]:
    """Returns a batch of one message, and the message."""
    event = _read_sample(name)
    value, number = event["entry"][0]["changes"][0]["value"], WHATSAPP_NUMBERS[choice.person]
    profile = {"name": dict(WHATSAPP_PEOPLE)[choice.person]}
    value["contacts"] = [{"profile": profile, "wa_id": number, "user_id": choice.person}]
    value["messages"][0] |= {"from": number, "from_user_id": choice.person}
    whatsapp.refresh_batch(event, at)
    return event, value["messages"][0]
