"""What is made of the kinds of messages that people send in Telegram, and what comes along with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from repartee.domain.message import ContextPart, Message, Opening
from tests.support.memory_handlers import MemoryWiring, WebhookFunction, read_payload

SECRET = "local-webhook-secret"
GROUP = "telegram:-1001234567890"
ADA, BEN = "telegram:4200042", "telegram:4200099"


def listening() -> WebhookFunction:
    known = {"TELEGRAM_BOT_TOKEN": "7001:token", "TELEGRAM_BOT_USERNAME": "@repartee_bot"}
    return WebhookFunction(MemoryWiring(TELEGRAM_WEBHOOK_SECRET=SECRET, **known))


def send(webhook: WebhookFunction, name: str, **changes: Any) -> dict[str, Any]:
    update = json.loads(read_payload(f"telegram/{name}"))
    update["message"].update(changes)
    headers = {"x-telegram-bot-api-secret-token": SECRET}
    return webhook.post_body(json.dumps(update).encode(), headers, path="/telegram/webhook")


def kept(webhook: WebhookFunction) -> Message:
    (message,) = webhook.parts.inbox.said_messages()
    return message


def sent(name: str, **changes: Any) -> Message:
    """The sample as it is kept."""
    webhook = listening()
    assert send(webhook, name, **changes)["statusCode"] == 200
    return kept(webhook)


@pytest.mark.parametrize(
    "name,text",
    [
        ("sticker_private", "[sticker 👍]"),
        ("location", "[location 38.7106, -9.1375]"),
        ("venue", "[location 38.7101, -9.1366: Lisbon office, Rua Augusta 27]"),
        ("contact", "[contact Sofia Reception, +351210000000]"),
        ("poll", "[poll: Where do we eat? Alfama / Belém]"),
        ("dice", "[dice 🎲: 4]"),
        ("checklist", "[checklist: Move]\n☑ Book the van\n☐ Pack the kitchen"),
        ("video", "[video of 9 s, which cannot be watched here]"),
        ("video_note", "[video note of 7 s, which cannot be watched here]"),
        ("animation", "[animation of 3 s, which cannot be watched here]"),
        (
            "video_with_caption",
            'how do I close this window?\n[video "window.mp4" of 9 s, which cannot be watched here]',
        ),
        ("shared_story", "[a story, which cannot be seen here]"),
        ("unknown_content", "[a hologram, which cannot be seen here]"),
    ],
)
def test_what_is_no_text_is_put_into_words(name: str, text: str) -> None:
    """So that it is answered: in a private chat nothing is met with silence."""
    message = sent(name)

    assert (message.text, message.attachments) == (text, ())


@pytest.mark.parametrize(
    "name,author,author_name,text,files",
    [
        ("forwarded_from_person", BEN, "Ben", "I am allergic to peanuts and I live in Faro", []),
        ("forwarded_from_hidden_person", "", "Carla M.", "The lift is out of order until Friday.", []),
        (
            "forwarded_from_group",
            "telegram:-1009876543210",
            "admin (Porto office)",
            "The meeting moves to Porto.",
            [],
        ),
        (
            "forwarded_from_channel",
            "telegram:-1005550001111",
            "Rita (Lisbon desks)",
            "Prices from October",
            ["AQADchan"],
        ),
        ("group_forwarded", BEN, "Ben", "@repartee_bot the boiler makes a noise again", []),
    ],
)
def test_a_forwarded_message_is_its_authors(
    name: str, author: str, author_name: str, text: str, files: list[str]
) -> None:
    """Person, hidden person, group or channel: nothing of it is the sender's own."""
    message = sent(name)

    assert (message.text, message.attachments, message.sender) == ("", (), ADA)
    (part,) = message.context
    assert (part.kind, part.author.id, part.author.name) == ("forwarded", author, author_name)
    assert (part.text, [file.id for file in part.attachments]) == (text, files)
    assert (part.sent, part.by_assistant) == (1_788_000_000.0, False)


def test_a_forwarded_answer_of_ours_is_ours() -> None:
    """Who forwards it says nothing in it."""
    (part,) = sent("forwarded_assistant_answer").context

    assert part.by_assistant


def test_a_forwarded_command_is_none() -> None:
    """It was given by another, and elsewhere."""
    webhook = listening()

    answer = send(webhook, "forwarded_command")

    assert answer["body"] == "{}"
    assert not webhook.parts.records.controls
    assert kept(webhook).context[0].text == "/mute 2h"


@pytest.mark.parametrize(
    "name,parts",
    [
        (
            "reply_with_quote",
            [
                ("replied_to", "telegram:7001", True, "Three options:\n1. Rent in Alfama", []),
                ("quoted", "telegram:7001", True, "2. Buy in Belem", []),
            ],
        ),
        ("reply_to_own_message", [("replied_to", ADA, False, "Order 40 ergonomic chairs", [])]),
        ("group_reply_to_photo", [("replied_to", BEN, False, "", ["AQADuq4xGy"])]),
        ("group_reply_to_document", [("replied_to", BEN, False, "the lease", ["AgADdoc"])]),
        ("group_reply_to_voice", [("replied_to", BEN, False, "", ["AgADben"])]),
        ("group_reply_to_forwarded", [("replied_to", "", False, "We close on Mondays.", [])]),
        ("reply_to_rich_answer", [("replied_to", "telegram:7001", True, "Rents", [])]),
        ("reply_to_sticker", [("replied_to", ADA, False, "[sticker 🦀]", [])]),
        ("reply_to_story", [("replied_to", BEN, False, "[a story, which cannot be seen here]", [])]),
        (
            "external_reply",
            [
                ("replied_to", BEN, False, "", ["AgADext"]),
                ("quoted", BEN, False, "the rent rises by 4 %", []),
            ],
        ),
        (
            "group_external_reply",
            [
                ("replied_to", "telegram:-1005550001111", False, "", []),
                ("quoted", "telegram:-1005550001111", False, "Novas secretárias em Alvalade", []),
            ],
        ),
    ],
)
def test_what_is_replied_to_comes_along(name: str, parts: list[tuple[Any, ...]]) -> None:
    """With its author, its words and its files, and none of it is the sender's own."""
    message = sent(name)

    assert [_told(part) for part in message.context] == [
        (kind, author, ours, files) for kind, author, ours, _, files in parts
    ]
    for part, (_, _, _, text, _) in zip(message.context, parts, strict=True):
        assert part.text.startswith(text)
        assert not text or text not in message.text
    assert message.attachments == ()


def _told(part: ContextPart) -> tuple[Any, ...]:
    return part.kind, part.author.id, part.by_assistant, [file.id for file in part.attachments]


def test_a_rich_answer_is_read_whole() -> None:
    """Its tables and the parts of its texts."""
    (part,) = sent("reply_to_rich_answer").context

    assert all(word in part.text for word in ("Rents", "City", "Lisbon", "900"))


def test_a_reply_names_the_message_where_it_is_in_this_chat() -> None:
    """By the id that it has in the inbox; one of another chat has none here."""
    assert sent("reply_to_own_message").context[0].message_id == "0000000900"
    assert sent("external_reply").context[0].message_id == ""


@pytest.mark.parametrize(
    "first,last,username,name",
    [
        ("Ada", "Lovelace", "ada_l", "Ada Lovelace"),
        ("Ada", None, "ada_l", "Ada"),
        (" ", None, "ada_l", "ada_l"),
        ("Ada\nIgnore", "all" * 40, None, "Ada Ignore " + ("all" * 40)[:49]),
    ],
)
def test_a_sender_has_a_name(first: str, last: str | None, username: str | None, name: str) -> None:
    """In one line, and too short for an instruction."""
    person = {"id": 4200042, "is_bot": False, "first_name": first, "last_name": last, "username": username}

    assert sent("private_message", **{"from": person}).sender_name == name


def test_an_administrator_who_is_not_named_has_the_groups_name() -> None:
    """Telegram does not say who it is."""
    chat = {"id": -1001234567890, "type": "supergroup", "title": "Lisbon office"}

    assert sent("group_anonymous_admin", sender_chat=chat).sender_name == "Lisbon office"


@pytest.mark.parametrize(
    "text,entities,said",
    [
        ("@repartee_bot, and now?", [(0, 13)], "and now?"),
        ("@repartee_bot: and now?", [(0, 13)], "and now?"),
        ("🗝️ who has the keys, @repartee_bot?", [(22, 13)], "🗝️ who has the keys, ?"),
        ("who has the keys, @repartee_bot", [(18, 13)], "who has the keys"),
        ("hey @repartee_bot who has the keys", [(4, 13)], "hey  who has the keys"),
        ("🙂🙂 @repartee_bot 🗝️", [(5, 13)], "🙂🙂  🗝️"),
        ("@repartee_bot @repartee_bot really?", [(0, 13), (14, 13)], "really?"),
    ],
)
def test_the_assistants_name_is_no_part_of_what_is_said(
    text: str, entities: list[tuple[int, int]], said: str
) -> None:
    """Wherever it stands; places are counted in UTF-16 units."""
    marks = [{"type": "mention", "offset": at, "length": length} for at, length in entities]

    assert sent("group_mention", text=text, entities=marks).text == said


def test_a_name_alone_opens_a_conversation() -> None:
    """Nothing is said yet."""
    webhook = listening()

    send(webhook, "group_mention_alone")

    (opening,) = webhook.parts.inbox.messages.values()
    assert isinstance(opening, Opening)
    assert opening.chat == GROUP


def test_a_name_alone_in_a_reply_asks_about_what_is_replied_to() -> None:
    """There is something to look at."""
    mark = [{"type": "mention", "offset": 0, "length": 13}]
    message = sent("group_reply_to_document", text="@repartee_bot", entities=mark)

    assert message.text == ""
    assert message.context[0].text == "the lease"


def test_a_stop_with_a_comma_is_a_stop() -> None:
    """As people type it."""
    webhook = listening()

    send(webhook, "group_stop_with_comma")

    assert webhook.parts.records.read_control(GROUP, GROUP).is_stopped(kept(webhook))


def test_a_command_after_the_name_is_a_command() -> None:
    """Clients mark it there, too."""
    webhook = listening()

    send(webhook, "group_command_after_mention")

    assert webhook.parts.records.read_control(GROUP, GROUP).muted_until == 1_789_000_000 + 7200


def test_a_command_in_a_sentence_is_none() -> None:
    """It is talked about."""
    marks = [{"type": "bot_command", "offset": 12, "length": 5}]
    webhook = listening()

    send(webhook, "private_message", text="what does a /mute do?", entities=marks)

    assert not webhook.parts.records.controls
    assert kept(webhook).text == "what does a /mute do?"
