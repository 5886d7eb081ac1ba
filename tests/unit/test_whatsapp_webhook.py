"""What the webhook keeps, refuses and ignores of what Meta posts for WhatsApp."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest

from repartee.channels.whatsapp.ids import message_id
from repartee.channels.whatsapp.signature import sign_body
from repartee.domain.message import ButtonPress, Message, workspace_of
from repartee.intake.debounce import FILE_QUIET_SECONDS
from repartee.privacy.identifiers import IdentifierHasher
from repartee.wiring.platforms import WhatsAppPlatform
from tests.support.inbox_builders import label_of
from tests.support.memory_handlers import (
    NOW_SECONDS,
    PERSON_ID_KEY,
    MemoryWiring,
    WebhookFunction,
    read_payload,
)

SECRET, VERIFY = "local-app-secret", "local-standin-verify-token"
SENT = 1_789_000_000.0
NUMBER, PERSON, PHONE = "106540352242922", "US.13491208655302741918", "16505551234"
ROOM = f"whatsapp:{NUMBER}:{PERSON}"


def listening(**settings: str) -> WebhookFunction:
    known = {"WHATSAPP_VERIFY_TOKEN": VERIFY, "WHATSAPP_PHONE_NUMBER_ID": NUMBER}
    return WebhookFunction(MemoryWiring(WHATSAPP_APP_SECRET=SECRET, **{**known, **settings}))


def post(webhook: WebhookFunction, body: bytes, secret: str = SECRET, **how: Any) -> dict[str, Any]:
    headers = {"x-hub-signature-256": sign_body(secret, body)} if secret else {}
    return webhook.post_body(body, how.pop("headers", headers), path="/whatsapp/webhook", **how)


def send(webhook: WebhookFunction, name: str) -> dict[str, Any]:
    return post(webhook, read_payload(f"whatsapp/{name}"))


def batch(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(read_payload(f"whatsapp/{name}"))
    return event


def value(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event["entry"][0]["changes"][0]["value"]
    return found


def posted(webhook: WebhookFunction, event: Any) -> dict[str, Any]:
    return post(webhook, json.dumps(event).encode())


def ask(webhook: WebhookFunction, **query: str) -> dict[str, Any]:
    """Asks as Meta does before it posts anything."""
    asked = {name.replace("_", ".", 1): given for name, given in query.items()}
    return webhook.post_body(b"", {}, path="/whatsapp/webhook", **{"queryStringParameters": asked, **GET})


GET = {"requestContext": {"http": {"method": "GET"}, "requestId": "request-1"}}


def kept(webhook: WebhookFunction) -> Message:
    (message,) = webhook.parts.inbox.said_messages()
    return message


# Who posts


def test_a_subscription_is_answered_with_its_challenge() -> None:
    """As it is, if the word is right."""
    query = batch("subscribe")

    answer = listening().post_body(b"", {}, path="/whatsapp/webhook", queryStringParameters=query, **GET)

    assert (answer["statusCode"], answer["body"]) == (200, "1158201444")
    assert answer["headers"]["content-type"] == "text/plain"


@pytest.mark.parametrize(
    "query",
    [
        {"hub_mode": "subscribe", "hub_verify_token": "another", "hub_challenge": "1"},
        {"hub_mode": "unsubscribe", "hub_verify_token": VERIFY, "hub_challenge": "1"},
        {"hub_mode": "subscribe", "hub_challenge": "1"},
        {"hub_verify_token": VERIFY, "hub_challenge": "1"},
        {"hub_mode": "subscribe", "hub_verify_token": "ä" * 20, "hub_challenge": "1"},
        {},
    ],
)
def test_any_other_subscription_is_forbidden(query: dict[str, str]) -> None:
    """With a 403, and without its challenge."""
    answer = ask(listening(), **query)

    assert answer["statusCode"] == 403
    assert answer["body"] != "1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": "sha1=" + "0" * 40},
        {"x-hub-signature-256": "sha256=" + "0" * 64},
        {"x-hub-signature-256": "sha256=é"},
        {"x-hub-signature-256": sign_body("another", read_payload("whatsapp/text"))},
    ],
)
def test_what_meta_did_not_sign_is_refused(headers: dict[str, str]) -> None:
    """With a 401, and nothing is kept."""
    webhook = listening()

    answer = post(webhook, read_payload("whatsapp/text"), headers=headers)

    assert answer["statusCode"] == 401
    assert not webhook.parts.inbox.messages


def test_the_signature_is_over_the_raw_bytes() -> None:
    """The same JSON written otherwise is something else."""
    body = read_payload("whatsapp/text")

    answer = post(
        listening(),
        json.dumps(json.loads(body)).encode(),
        headers={"x-hub-signature-256": sign_body(SECRET, body)},
    )

    assert answer["statusCode"] == 401


def test_without_a_secret_nothing_listens() -> None:
    """A channel that is not set up is not there."""
    webhook = WebhookFunction()

    assert post(webhook, read_payload("whatsapp/text"))["statusCode"] == 404


# What is kept


def test_a_message_is_kept_and_its_chat_is_woken() -> None:
    """Under the person's id within the business; its answer goes to their number."""
    webhook = listening()

    answer = send(webhook, "text")

    assert answer["statusCode"] == 200
    message = kept(webhook)
    assert (message.chat, message.room, message.sender) == (ROOM, ROOM, f"whatsapp:{PERSON}")
    assert message.sender_name == "Ada Lovelace"
    assert message.text == "when does the Lisbon office open, and who has the keys?"
    assert SENT <= message.sent < SENT + 1
    assert message.received == NOW_SECONDS
    wamid = value(batch("text"))["messages"][0]["id"]
    assert message.platform == {"number": NUMBER, "message": wamid, "to": PHONE}
    assert message.id == message_id(wamid)
    assert workspace_of(message.room) == f"whatsapp:{NUMBER}"
    assert webhook.parts.wakes.first_chats() == [ROOM]


def test_no_log_names_a_telephone_number() -> None:
    """Not even as it is hidden in WhatsApp's ids."""
    webhook = listening()
    for name in ("text", "text_without_user_id", "batch", "status_failed", "reply", "contacts"):
        send(webhook, name)

    log = webhook.parts.log.getvalue()

    assert PHONE not in log
    assert "wamid." not in log
    assert "351910000001" not in log


def test_somebody_who_goes_by_a_name_is_the_same_person() -> None:
    """And is answered by the id within the business."""
    webhook = listening()

    send(webhook, "text_by_username")

    assert kept(webhook).chat == ROOM
    assert "to" not in kept(webhook).platform
    assert kept(webhook).platform["recipient"] == PERSON


def test_without_an_id_within_the_business_the_hashed_number_is_the_person() -> None:
    """As Meta posted until April 2026."""
    webhook = listening()

    send(webhook, "text_without_user_id")

    person = IdentifierHasher(PERSON_ID_KEY).hash_id("whatsapp", PHONE)
    assert kept(webhook).sender == f"whatsapp:{person}"
    assert kept(webhook).chat == f"whatsapp:{NUMBER}:{person}"
    assert kept(webhook).platform["to"] == PHONE


def test_a_redelivery_changes_nothing_and_wakes_again_while_the_message_is_open() -> None:
    """Meta posts a batch again, for days, until it gets a 2xx."""
    webhook = listening()
    send(webhook, "text")
    webhook.parts.now += 3600

    send(webhook, "text")

    assert kept(webhook)
    assert len(webhook.parts.wakes.first_chats()) == 2


def test_messages_of_one_second_keep_the_order_in_which_they_came() -> None:
    """WhatsApp's time has whole seconds, and its ids say nothing of order."""
    webhook = listening()
    event = batch("text")
    for number in range(5):
        value(event)["messages"][0] |= {"id": f"wamid.{9 - number}", "text": {"body": str(number)}}
        webhook.parts.now += 0.01
        posted(webhook, event)

    waiting = webhook.parts.inbox.list_open(ROOM)

    assert [label_of(message) for message in waiting.messages] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("handled", list(permutations(range(3))))
def test_requests_handled_in_another_order_keep_that_of_the_gateway(
    handled: tuple[int, ...],
) -> None:
    """Two webhooks may look at two requests of one second in any order, by clocks that differ: what counts is
    when each came to the gateway."""
    webhook = listening()
    event = batch("text")
    for number in handled:
        value(event)["messages"][0] |= {"id": f"wamid.{9 - number}", "text": {"body": str(number)}}
        arrived_ms = int(NOW_SECONDS * 1000) + 10 * number
        context = {"http": {"method": "POST"}, "requestId": f"request-{number}", "timeEpoch": arrived_ms}
        webhook.parts.now += 0.7
        post(webhook, json.dumps(event).encode(), requestContext=context)

    waiting = webhook.parts.inbox.list_open(ROOM)

    assert [label_of(message) for message in waiting.messages] == ["0", "1", "2"]


def test_a_burst_in_one_batch_keeps_its_order() -> None:
    """And its wakes wait for the person to fall quiet."""
    webhook = listening()

    send(webhook, "burst")

    waiting = webhook.parts.inbox.list_open(ROOM)
    assert [label_of(message) for message in waiting.messages] == [
        "hello",
        "I am new here",
        "when does the Lisbon office open",
    ]
    assert all(
        letter.visible_at >= NOW_SECONDS + WhatsAppPlatform.quiet_seconds
        for letter in webhook.parts.wakes.queued.values()
    )


@pytest.mark.parametrize(
    "name,later",
    [
        ("text", 0.0),
        ("unfinished", WhatsAppPlatform.quiet_seconds),
        ("voice", 0.0),
        ("image", FILE_QUIET_SECONDS["whatsapp"]),
    ],
)
def test_who_may_go_on_is_given_time(name: str, later: float) -> None:
    """A complete message is looked at at once."""
    webhook = listening()

    send(webhook, name)

    letter, _ = webhook.parts.wakes.queued.values()
    assert letter.visible_at == NOW_SECONDS + later


def test_all_of_a_batch_is_read() -> None:
    """Entries, their changes, their messages, of several people, among statuses."""
    webhook = listening()

    send(webhook, "batch")

    assert [(message.sender, message.text) for message in webhook.parts.inbox.said_messages()] == [
        (f"whatsapp:{PERSON}", "when does the Lisbon office open, and who has the keys?"),
        ("whatsapp:PT.9000000000000001", "how many desks are free?"),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"id": 7, "timestamp": "1789000000", "type": "text", "text": {"body": "x"}},
        {"id": "wamid.x", "timestamp": "soon", "type": "text", "text": {"body": "x"}},
        {"id": "wamid.x", "timestamp": "1789000000", "type": "text", "text": "x"},
        {"id": "wamid.x", "timestamp": "1789000000", "type": "image", "image": {}},
        "nonsense",
        None,
        [],
    ],
)
def test_a_broken_message_costs_no_other(broken: Any) -> None:
    """Before it, after it, and in another entry; the log says what is wrong, and quotes nothing."""
    webhook = listening()
    event = batch("batch")
    value(event)["messages"].insert(0, broken)
    event["entry"].insert(1, broken)
    event["entry"][0]["changes"].insert(1, broken)

    answer = posted(webhook, event)

    assert answer["statusCode"] == 200
    assert len(webhook.parts.inbox.messages) == 2
    assert "cannot be read" in webhook.parts.log.getvalue()
    assert webhook.parts.wakes.dead_lettered
    assert "nonsense" not in webhook.parts.log.getvalue()


def test_a_batch_in_which_nothing_can_be_read_is_kept_aside() -> None:
    """Acknowledged, with a dead letter that says why."""
    webhook = listening()
    event = batch("text")
    value(event)["messages"] = [{"id": "wamid.x"}]

    answer = posted(webhook, event)

    assert answer["statusCode"] == 200
    ((path, _, reason),) = webhook.parts.wakes.dead_lettered
    assert path == "/whatsapp/webhook"
    assert "timestamp" in reason


def test_a_message_from_nobody_is_kept_aside() -> None:
    """It could not be answered."""
    webhook = listening()
    event = batch("text_without_user_id")
    del value(event)["messages"][0]["from"]
    del value(event)["contacts"]

    assert posted(webhook, event)["statusCode"] == 200
    assert len(webhook.parts.wakes.dead_lettered) == 1


# What is said


@pytest.mark.parametrize(
    "name,text",
    [
        ("reply", "and on Sundays?"),
        ("forwarded", ""),
        ("image", "is this the right door?"),
        ("document", "please look at the rent"),
        ("video", "[video, which cannot be watched here]"),
        ("video_with_words", "how do I close this window?\n[video, which cannot be watched here]"),
        ("animated_sticker", "[animated sticker]"),
        ("unsupported", "[poll creation, which WhatsApp does not hand out]"),
        ("form_reply", "[form]\ndesk: 7"),
        ("flow_reply", "[form]\nname: Ada\ndates: 2026-12-01, 2026-12-02\nguests: 4\nvegetarian: true"),
        ("location", "[location 38.7101, -9.1366: Lisbon office, Rua Augusta 27, Lisboa]"),
        ("current_location", "[location 38.7223, -9.1393]"),
        (
            "contacts",
            "[contact Sofia Reis, +351 910 000 000, sofia@example.com]\n[contact Ben, +1 650-555-0100]",
        ),
        ("button_reply", "Show free desks"),
        ("list_reply", "Second floor\nQuiet, seven desks"),
        ("template_button", "Go on"),
        ("order", "for Thursday, please\nOrder: 2 x coffee-beans\nOrder: 6 x oat-milk"),
        ("referral", "is there one for Monday?"),
    ],
)
def test_every_kind_of_message_is_words(name: str, text: str) -> None:
    """A place, a person, a choice are told in words."""
    webhook = listening()

    send(webhook, name)

    assert kept(webhook).text == text


@pytest.mark.parametrize(
    "name,kind,mime,file",
    [
        ("image", "image", "image/jpeg", ""),
        ("sticker", "image", "image/webp", ""),
        ("voice", "audio", "audio/ogg", ""),
        ("audio", "audio", "audio/mpeg", ""),
        ("document", "file", "application/pdf", "lease.pdf"),
    ],
)
def test_what_comes_with_a_message_is_kept_with_it(name: str, kind: str, mime: str, file: str) -> None:
    """By its id, which is good for a week; the link is asked for when it is fetched."""
    webhook = listening()

    send(webhook, name)

    (attachment,) = kept(webhook).attachments
    media = value(batch(name))["messages"][0][name if name in ("image", "sticker", "document") else "audio"]
    assert (attachment.kind, attachment.mime, attachment.name) == (kind, mime, file)
    assert attachment.download_ref == {"media": media["id"], "number": NUMBER}


def test_a_reply_names_what_it_answers() -> None:
    """By the id that the earlier message has here."""
    webhook = listening()

    send(webhook, "reply")

    assert kept(webhook).reply_to == message_id(value(batch("reply"))["messages"][0]["context"]["id"])


def test_what_was_forwarded_answers_nothing() -> None:
    """Its context has no id."""
    webhook = listening()

    send(webhook, "forwarded")

    assert kept(webhook).reply_to == ""


def test_a_forwarded_message_is_not_its_senders() -> None:
    """Its words and its files came along. Who said them, WhatsApp does not tell."""
    webhook = listening()

    send(webhook, "forwarded")
    send(webhook, "forwarded_image")

    said, shown = webhook.parts.inbox.said_messages()
    assert (said.text, shown.text, shown.attachments) == ("", "", ())
    (words,), (picture,) = said.context, shown.context
    assert (words.kind, words.text) == ("forwarded", "The lease for Lisbon is signed!")
    assert (picture.kind, picture.text) == ("forwarded", "the new door")
    assert [file.kind for file in picture.attachments] == ["image"]


def test_a_forwarded_command_is_none() -> None:
    """It was said to another, by another."""
    webhook = listening()
    event = batch("mute")
    value(event)["messages"][0]["context"] = {"frequently_forwarded": True}

    posted(webhook, event)

    assert not webhook.parts.records.controls
    assert kept(webhook).context[0].text == value(event)["messages"][0]["text"]["body"]


@pytest.mark.parametrize(
    "number,by_assistant,author",
    [("15550783881", True, ""), ("+1 555-078-3881", True, ""), (PHONE, False, f"whatsapp:{PERSON}")],
)
def test_a_reply_says_whose_message_it_answers(number: str, by_assistant: bool, author: str) -> None:
    """Ours or the person's own, by the number that is told; what it says, the store knows."""
    webhook = listening()
    event = batch("reply")
    value(event)["messages"][0]["context"]["from"] = number

    posted(webhook, event)

    (part,) = kept(webhook).context
    assert (part.kind, part.by_assistant, part.author.id, part.text) == (
        "replied_to",
        by_assistant,
        author,
        "",
    )
    assert part.message_id == message_id(value(event)["messages"][0]["context"]["id"])


def test_an_advertisement_comes_along() -> None:
    """What was read before it was written is not the person's own."""
    webhook = listening()

    send(webhook, "referral")

    assert [(part.kind, part.text) for part in kept(webhook).context] == [
        ("shared", "Desks in Lisbon\nBy the day, by the week.")
    ]


def test_an_edited_message_says_what_it_says_now() -> None:
    """Under the id of the message that was edited."""
    webhook = listening()
    edit = batch("edited_message")
    event = batch("text")
    value(event)["messages"][0]["id"] = value(edit)["messages"][0]["edit"]["original_message_id"]
    posted(webhook, event)

    answer = posted(webhook, edit)

    assert answer["statusCode"] == 200
    assert kept(webhook).text == "when does the Porto office open?"
    assert [label_of(one) for one in webhook.parts.inbox.list_open(ROOM).messages] == [kept(webhook).text]


def test_a_deleted_message_is_not_answered() -> None:
    """Nothing is left of it."""
    webhook = listening()
    deleted = batch("deleted_message")
    event = batch("text")
    value(event)["messages"][0]["id"] = value(deleted)["messages"][0]["revoke"]["original_message_id"]
    posted(webhook, event)

    answer = posted(webhook, deleted)

    assert answer["statusCode"] == 200
    assert webhook.parts.inbox.said_messages() == []
    assert webhook.parts.inbox.list_open(ROOM).messages == ()


def test_an_edit_that_comes_before_its_message_is_answered_once() -> None:
    """WhatsApp keeps no order: the message as it reads now waits, and its first form adds nothing."""
    webhook = listening()
    edit = batch("edited_message")
    event = batch("text")
    value(event)["messages"][0]["id"] = value(edit)["messages"][0]["edit"]["original_message_id"]

    answers = posted(webhook, edit), posted(webhook, event)

    assert [one["statusCode"] for one in answers] == [200, 200]
    assert [label_of(one) for one in webhook.parts.inbox.list_open(ROOM).messages] == [
        "when does the Porto office open?"
    ]


def test_a_deletion_of_an_unknown_message_begins_nothing() -> None:
    """It was said before we were there, or is forgotten."""
    webhook = listening()

    assert send(webhook, "deleted_message")["statusCode"] == 200
    assert not webhook.parts.inbox.messages


@pytest.mark.parametrize("name,muted", [("mute", True), ("unmute", False)])
def test_orders_are_carried_out_at_once(name: str, muted: bool) -> None:
    """And confirmed by a turn."""
    webhook = listening()

    send(webhook, name)

    control = webhook.parts.records.read_control(ROOM, ROOM)
    assert control.is_muted(SENT + 3600) is muted
    assert kept(webhook)


def test_a_stop_ends_what_is_being_written() -> None:
    """Also the reply to itself."""
    webhook = listening()

    send(webhook, "stop")

    assert webhook.parts.records.read_control(ROOM, ROOM).is_stopped(kept(webhook))


@pytest.mark.parametrize("name,approved", [("approve", True), ("decline", False)])
def test_a_press_wakes_the_chat_to_say_what_was_decided(name: str, approved: bool) -> None:
    """It says nothing by itself, and is one however often it is delivered."""
    webhook = listening()

    send(webhook, name)
    send(webhook, name)

    (message,) = webhook.parts.inbox.messages.values()
    assert (isinstance(message, ButtonPress), label_of(message)) == (True, "proposal-1")
    assert message.id.startswith("press-")


# What is ignored


@pytest.mark.parametrize(
    "name,reason",
    [
        ("reaction", "a reaction"),
        ("reaction_removed", "a reaction"),
        ("edit_not_handed_out", "a message was edited"),
        ("chat_opened", "a chat was opened"),
        ("group_message", "said in a group"),
        ("number_changed", "changed their number or id"),
        ("user_id_changed", "changed their number or id"),
        ("another_number", "said to another number"),
        ("status_sent", "what became of a message"),
        ("status_delivered", "what became of a message"),
        ("status_read", "what became of a message"),
        ("status_read_of_member", "what became of a message"),
        ("account_update", "not about messages"),
    ],
)
def test_what_is_not_said_is_acknowledged_and_ignored(name: str, reason: str) -> None:
    """With a reason in the log."""
    webhook = listening()

    answer = send(webhook, name)

    assert (answer["statusCode"], answer["body"]) == (200, "{}")
    assert not webhook.parts.inbox.messages
    assert reason in webhook.parts.log.getvalue()


@pytest.mark.parametrize(
    "name,reason",
    [("status_failed", "a message was not delivered: 131047"), ("account_error", "has a problem: 130429")],
)
def test_what_did_not_get_through_is_told_by_its_code(name: str, reason: str) -> None:
    """As a warning, and not to whom."""
    webhook = listening()

    assert send(webhook, name)["statusCode"] == 200

    log = webhook.parts.log.getvalue()
    assert reason in log
    assert "message_undelivered" in log
    assert PHONE not in log


def test_without_a_number_all_that_post_here_are_answered() -> None:
    """An account may have several."""
    webhook = listening(WHATSAPP_PHONE_NUMBER_ID="")

    send(webhook, "another_number")

    assert kept(webhook).platform["number"] == "209876543210987"


def test_fields_of_tomorrow_break_nothing() -> None:
    """Meta adds them everywhere."""
    webhook = listening()
    event = batch("text")
    for holder in (event, event["entry"][0], value(event), value(event)["messages"][0]):
        holder["invented"] = [{"x": 1}]
    value(event)["messages"].append(
        {"id": "wamid.n", "from": PHONE, "timestamp": "1789000000", "type": "hologram", "hologram": {}}
    )

    assert posted(webhook, event)["statusCode"] == 200
    assert [message.text for message in webhook.parts.inbox.said_messages()] == [
        "when does the Lisbon office open, and who has the keys?",
        "[hologram, which cannot be read here]",
    ]


def test_anything_else_of_metas_is_ignored() -> None:
    """The same app may listen to pages."""
    assert posted(listening(), {"object": "page", "entry": []})["statusCode"] == 200
