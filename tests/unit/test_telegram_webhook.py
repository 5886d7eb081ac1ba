"""What the webhook keeps, refuses and ignores of what Telegram posts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from repartee.domain.meeting import Meeting
from repartee.domain.message import Message
from repartee.intake.webhook import MAX_BODY_BYTES
from tests.support.inbox_builders import label_of
from tests.support.memory_handlers import NOW_SECONDS, MemoryWiring, WebhookFunction, read_payload

SECRET = "local-webhook-secret"
SENT = 1_789_000_000.0
PRIVATE, GROUP, TOPIC = "telegram:4200042", "telegram:-1001234567890", "telegram:-1009876543210:300"


def listening(**settings: str) -> WebhookFunction:
    known = {"TELEGRAM_BOT_TOKEN": "7001:token", "TELEGRAM_BOT_USERNAME": "@repartee_bot"}
    return WebhookFunction(MemoryWiring(TELEGRAM_WEBHOOK_SECRET=SECRET, **{**known, **settings}))


def post(webhook: WebhookFunction, body: bytes, secret: str = SECRET) -> dict[str, Any]:
    headers = {"x-telegram-bot-api-secret-token": secret} if secret else {}
    return webhook.post_body(body, headers, path="/telegram/webhook")


def send(webhook: WebhookFunction, name: str, **changes: Any) -> dict[str, Any]:
    update = json.loads(read_payload(f"telegram/{name}"))
    update.get("message", {}).update(changes)
    return post(webhook, json.dumps(update).encode())


def kept(webhook: WebhookFunction) -> Message:
    (message,) = webhook.parts.inbox.said_messages()
    return message


def test_a_private_message_is_kept_and_its_chat_is_woken() -> None:
    """In private everything is said to the assistant, and the room is the chat."""
    webhook = listening()

    answer = send(webhook, "private_message")

    assert answer["statusCode"] == 200
    message = kept(webhook)
    assert (message.chat, message.room, message.sender) == (PRIVATE, PRIVATE, PRIVATE)
    assert message.text == "when does the Lisbon office open, and who has the keys?"
    assert (message.sent, message.received) == (SENT, NOW_SECONDS)
    assert message.platform == {"chat": "4200042", "type": "private", "message": "101"}
    assert webhook.parts.wakes.first_chats() == [PRIVATE]


def edited(webhook: WebhookFunction, name: str, **changes: Any) -> dict[str, Any]:
    """The sample's message, as it is told of after it was edited."""
    message = json.loads(read_payload(f"telegram/{name}"))["message"] | {"edit_date": 1_789_000_040} | changes
    return post(webhook, json.dumps({"update_id": 1, "edited_message": message}).encode())


def test_an_edited_message_says_what_it_says_now() -> None:
    """It is kept once, and is answered as it reads since the edit."""
    webhook = listening()
    send(webhook, "private_message")

    answer = send(webhook, "edited_message")

    assert answer["statusCode"] == 200
    edited_text = json.loads(read_payload("telegram/edited_message"))["edited_message"]["text"]
    assert kept(webhook).text == edited_text
    (waiting,) = webhook.parts.inbox.list_open(PRIVATE).messages
    assert label_of(waiting) == edited_text


def test_an_edit_long_after_begins_nothing() -> None:
    """Telegram tells of edits that nobody sees, too: such a message is not answered again."""
    webhook = listening()

    answer = edited(webhook, "private_message", date=int(NOW_SECONDS) - 3700)

    assert answer["statusCode"] == 200
    assert not webhook.parts.inbox.messages


def test_who_mentions_the_assistant_afterwards_is_answered() -> None:
    """A group's message that was said to others before it was edited."""
    webhook = listening()
    send(webhook, "group_mention", text="how many desks do we need in Lisbon?", entities=[])
    assert not webhook.parts.inbox.messages

    edited(webhook, "group_mention")

    assert kept(webhook).id == "0000002101"


def test_an_edited_command_is_none() -> None:
    """A command was carried out when it was given."""
    webhook = listening()

    answer = edited(webhook, "mute")

    assert answer["statusCode"] == 200
    assert not webhook.parts.inbox.messages
    assert not webhook.parts.records.controls
    assert "a command was edited" in webhook.parts.log.getvalue()


def test_a_redelivery_changes_nothing_and_wakes_again_while_the_message_is_open() -> None:
    """Telegram posts an update again until it gets a 2xx: the message is one."""
    webhook = listening()
    send(webhook, "private_message")

    send(webhook, "private_message")

    assert kept(webhook)
    assert len(webhook.parts.wakes.first_chats()) == 2


def test_messages_of_one_second_keep_their_order() -> None:
    """Telegram's time has whole seconds, so the ids must sort as the messages were sent."""
    webhook = listening()
    for number in (99, 100, 1000):
        send(webhook, "private_message", message_id=number)

    ids = [message.id for message in webhook.parts.inbox.said_messages()]

    assert ids == sorted(ids)
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "name,text",
    [
        ("group_mention", "🗝️  who has the keys?"),
        ("group_reply", "and on Sundays?"),
        ("group_text_mention", "Repartee, what did we decide?"),
        ("group_anonymous_admin", "summarise this"),
    ],
)
def test_a_group_is_answered_when_it_means_the_assistant(name: str, text: str) -> None:
    """A mention, by name or by id, or a reply to what it said."""
    webhook = listening()

    send(webhook, name)

    assert kept(webhook).text == text
    assert kept(webhook).chat == GROUP


@pytest.mark.parametrize("name", ["topic_message", "topic_reply"])
def test_a_topic_is_a_chat_of_its_own(name: str) -> None:
    """What is said in a topic is answered there; the room is the whole group."""
    webhook = listening()

    send(webhook, name)

    message = kept(webhook)
    assert message.chat == TOPIC
    assert message.room == "telegram:-1009876543210"
    assert message.threaded
    assert message.command_scope == TOPIC
    assert message.platform["topic"] == "300"


def test_a_topics_beginning_is_no_reply() -> None:
    """Every message of a topic replies to its beginning, and means nothing by it."""
    webhook = listening()

    send(webhook, "topic_message")

    assert kept(webhook).reply_to == ""


def test_what_others_said_comes_along_when_it_is_replied_to() -> None:
    """A group's messages do not come by themselves: whoever replies with a mention asks about that one."""
    webhook = listening()
    text = "@repartee_bot where?"

    send(
        webhook,
        "group_reply_to_a_person",
        text=text,
        entities=[{"type": "mention", "offset": 0, "length": 13}],
    )

    assert kept(webhook).text == "where?"
    assert [(part.kind, part.text, part.author.id) for part in kept(webhook).context] == [
        ("replied_to", "I am hungry", "telegram:4200042")
    ]
    assert kept(webhook).reply_to == kept(webhook).context[0].message_id == "0000002102"


def test_the_chosen_part_is_quoted() -> None:
    """A person may reply to a part of what was said."""
    webhook = listening()

    send(
        webhook,
        "group_reply_to_a_person",
        text="@repartee_bot why?",
        entities=[{"type": "mention", "offset": 0, "length": 13}],
        quote={"text": "hungry", "position": 5},
    )

    assert kept(webhook).text == "why?"
    assert [(part.kind, part.text) for part in kept(webhook).context] == [
        ("replied_to", "I am hungry"),
        ("quoted", "hungry"),
    ]


@pytest.mark.parametrize(
    "name,reason",
    [
        ("channel_post", "a channel's post"),
        ("business_message", "a business account's message"),
        ("my_chat_member", "the bot was added, removed or blocked"),
        ("linked_channel_post", "a channel's post"),
        ("other_bots_message", "said by a bot"),
        ("group_message", "said to others"),
        ("group_reply_to_a_person", "said to others"),
        ("group_other_bots_command", "another bot's command"),
        ("new_member", "a service message"),
        ("pinned_message", "a service message"),
        ("message_from_nobody", "a service message"),
    ],
)
def test_what_is_not_said_to_the_assistant_is_acknowledged_and_ignored(name: str, reason: str) -> None:
    """With a reason in the log; also where the assistant took part before."""
    webhook = listening()
    send(webhook, "group_mention")
    before = len(webhook.parts.inbox.messages)

    answer = send(webhook, name)

    assert (answer["statusCode"], answer["body"]) == (200, "{}")
    assert len(webhook.parts.inbox.messages) == before
    assert reason in webhook.parts.log.getvalue()


def test_what_is_said_to_others_in_a_meeting_is_kept_to_be_filed() -> None:
    """Where the bot sees a group's messages: as overheard, and who mentions it is answered as ever."""
    webhook = listening()
    webhook.parts.records.save_meeting(GROUP, Meeting.start(GROUP, SENT - 60))

    send(webhook, "group_message")
    send(webhook, "group_mention")

    heard = [
        (message.overheard, message.mentioned, message.addressed)
        for message in webhook.parts.inbox.said_messages()
    ]
    assert heard == [(True, False, False), (False, True, True)]


def test_updates_of_other_types_are_ignored() -> None:
    """Today's that we do not read, and tomorrow's."""
    webhook = listening()

    assert post(webhook, b'{"update_id": 1, "teleported": {"x": []}}')["statusCode"] == 200


@pytest.mark.parametrize(
    "name,kind,id,file_id,size",
    [
        ("photo", "image", "AQADuq4xGy", "AgACAgIAAxkBAAIBZy", 164_920),
        ("voice", "audio", "AgADvoice", "AwACAgIAAxkBAAIBavoice", 15_344),
        ("audio", "audio", "AgADaudio", "CQACAgIAAxkBAAIBbaudio", 3_901_245),
        ("document", "file", "AgADdoc", "BQACAgIAAxkBAAIBcdoc", 482_113),
        ("document_too_large", "file", "AgADbig", "BQACAgIAAxkBAAIBdbig", 104_857_600),
    ],
)
def test_what_comes_with_a_message_is_kept_with_it(
    name: str, kind: str, id: str, file_id: str, size: int
) -> None:
    """With what is needed to fetch it later; a caption is the text."""
    webhook = listening()

    send(webhook, name)

    (attachment,) = kept(webhook).attachments
    assert (attachment.kind, attachment.id, attachment.size) == (kind, id, size)
    assert attachment.download_ref == {"file_id": file_id}


def test_the_largest_photo_that_can_be_fetched_is_taken() -> None:
    """A bot can fetch 20 MB."""
    webhook = listening()
    photo = json.loads(read_payload("telegram/photo"))["message"]["photo"]
    photo[-1]["file_size"] = 21 * 1024 * 1024

    send(webhook, "photo", photo=photo)

    assert kept(webhook).attachments[0].id == "AQADuq4xGx"


@pytest.mark.parametrize("name", ["start", "help", "group_help"])
def test_help_is_given_at_once(name: str) -> None:
    """With the answer to the webhook itself; nobody is woken for it."""
    webhook = listening()

    said = json.loads(send(webhook, name)["body"])

    assert said["method"] == "sendMessage"
    assert "/mute" in said["text"]
    assert not webhook.parts.inbox.messages


@pytest.mark.parametrize(
    "name,until", [("mute_for_two_hours", SENT + 7200), ("mute", SENT + 10 * 365 * 86_400)]
)
def test_mute_acts_at_once(name: str, until: float) -> None:
    """For as long as it says; it is confirmed with the answer to the webhook."""
    webhook = listening()

    said = json.loads(send(webhook, name)["body"])

    assert "/unmute" in said["text"]
    assert webhook.parts.records.read_control(PRIVATE, PRIVATE).muted_until == until


def test_unmute_acts_at_once() -> None:
    """The assistant speaks again."""
    webhook = listening()
    send(webhook, "mute")

    send(webhook, "unmute", date=int(SENT) + 1)

    assert not webhook.parts.records.read_control(PRIVATE, PRIVATE).is_muted(NOW_SECONDS)


def test_a_topic_is_muted_alone() -> None:
    """The other topics of the group go on, and it is said in the topic."""
    webhook = listening()

    said = json.loads(send(webhook, "topic_mute")["body"])

    room = TOPIC.rpartition(":")[0]
    assert webhook.parts.records.read_control(room, TOPIC).muted_until == SENT + 1800
    assert webhook.parts.records.read_control(room, f"{room}:301").muted_until == 0.0
    assert said["message_thread_id"] == 300


def test_a_mute_that_names_no_time_that_is_known_is_explained() -> None:
    """Nothing is muted by mistake."""
    webhook = listening()

    said = json.loads(send(webhook, "mute", text="/mute until the cows come home")["body"])

    assert "/mute 2h" in said["text"]
    assert webhook.parts.records.read_control(PRIVATE, PRIVATE).muted_until == 0.0


@pytest.mark.parametrize("name", ["stop", "stopped_generation"])
def test_a_stop_acts_at_once(name: str) -> None:
    """By command, or by the button under a draft."""
    webhook = listening()

    answer = send(webhook, name)

    assert answer["body"] == "{}"
    assert webhook.parts.records.read_control(PRIVATE, PRIVATE).stopped_at >= SENT


def test_an_unknown_command_is_said_to_the_assistant() -> None:
    """In private: the assistant may make something of it."""
    webhook = listening()

    send(webhook, "help", text="/recipe soup", entities=[{"type": "bot_command", "offset": 0, "length": 7}])

    assert kept(webhook).text == "/recipe soup"


def test_without_its_name_and_id_any_bot_that_is_addressed_is_this_one() -> None:
    """With privacy mode a group's messages for others do not come at all."""
    webhook = listening(TELEGRAM_BOT_TOKEN="", TELEGRAM_BOT_USERNAME="")

    for name in ("group_mention", "group_reply", "group_text_mention", "group_message"):
        send(webhook, name)

    assert len(webhook.parts.inbox.messages) == 3


@pytest.mark.parametrize("secret", ["", "wrong", "local-webhook-secre", "sécret"])
def test_who_does_not_know_the_secret_is_refused(secret: str) -> None:
    """With a 401, and nothing is read."""
    webhook = listening()

    answer = post(webhook, read_payload("telegram/private_message"), secret)

    assert answer["statusCode"] == 401
    assert not webhook.parts.inbox.messages


def test_where_telegram_is_not_set_nothing_listens() -> None:
    """A channel without its secret is as if it were not there."""
    webhook = WebhookFunction()

    assert post(webhook, read_payload("telegram/private_message"))["statusCode"] == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "101"},
        {"message_id": 0},
        {"date": -1},
        {"chat": {"id": "42", "type": "private"}},
        {"chat": None},
        {"text": 7},
        {"from": None},
        {"from": {"id": 0, "is_bot": False, "first_name": "Nobody"}},
        {"entities": [{"type": "mention", "offset": -1, "length": 3}]},
        {"photo": [{"file_id": None}]},
    ],
)
def test_wrong_types_are_acknowledged_and_kept_aside(changes: dict[str, Any]) -> None:
    """A 4xx would hold back the whole chat for a day. A dead letter names the field, and quotes no value."""
    webhook = listening()

    answer = send(webhook, "private_message", **changes)

    assert (answer["statusCode"], answer["body"]) == (200, "{}")
    assert not webhook.parts.inbox.messages
    ((path, (update,), reason),) = webhook.parts.wakes.dead_lettered
    assert path == "/telegram/webhook"
    assert len(update) == 32
    assert reason
    assert "keys" not in reason


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b'{"update_id": 1', b'{"message": {}}', b"\xff"]
)
def test_what_is_no_update_is_acknowledged_and_kept_aside(body: bytes) -> None:
    """It is signed: Telegram would send it again and again."""
    webhook = listening()

    assert post(webhook, body)["statusCode"] == 200
    assert len(webhook.parts.wakes.dead_lettered) == 1


def test_an_update_that_is_too_large_is_acknowledged_and_kept_aside() -> None:
    """No platform sends more than that; without the secret it is refused."""
    webhook = listening()

    assert post(webhook, b" " * (MAX_BODY_BYTES + 1))["statusCode"] == 200
    assert post(webhook, b" " * (MAX_BODY_BYTES + 1), "wrong")["statusCode"] == 401
    assert len(webhook.parts.wakes.dead_lettered) == 1


def test_no_text_and_no_secret_is_logged() -> None:
    """Whatever comes of it."""
    webhook = listening()
    send(webhook, "private_message")
    send(webhook, "private_message", text=7, caption="who has the keys?")
    post(webhook, read_payload("telegram/private_message"), "a-wrong-secret")

    log = webhook.parts.log.getvalue()

    assert "keys" not in log
    assert SECRET not in log
    assert "a-wrong-secret" not in log
