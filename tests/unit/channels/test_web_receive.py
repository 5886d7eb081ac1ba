"""What becomes of what a web client posts."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import httpx2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.web.bearer_tokens import BearerTokens
from repartee.channels.web.ids import WebMessageIds, parse_turn_id
from repartee.channels.web.jwks import Jwks
from repartee.channels.web.receiver import WebReceiver
from repartee.domain.http import HttpRequest
from repartee.domain.message import Incoming, Message
from repartee.errors import (
    BackendError,
    InvalidPayload,
    RateLimited,
    RequestRejected,
    Unauthorized,
    Unavailable,
)
from repartee.ports import StoredMedia
from repartee.privacy.identifiers import IdentifierHasher
from repartee.services.content_type import detect_type
from standins.oidc.server import AUDIENCE, OidcStandIn
from tests.support.inbox_builders import only_messages, parse_intake
from tests.support.memory_handlers import EVENTS_FOLDER, NOW_SECONDS, read_payload
from tests.support.memory_web_stores import MemoryRates

ISSUER = OidcStandIn(lambda: NOW_SECONDS)
TOKEN = ISSUER.issue_token()


def _published(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json=ISSUER.published_keys())


KEYS = Jwks("https://issuer.example.com/", lambda: NOW_SECONDS, httpx2.MockTransport(_published))


def kept(workspace: str, content: bytes) -> StoredMedia:
    """`ports.Media.put`, as far as what comes of it is concerned."""
    if content == b"down":
        raise Unavailable("s3", "as ordered")
    return StoredMedia(
        key=f"{workspace}/{len(content)}", content_type=detect_type(content), size=len(content)
    )


def receiver(rate: int = 100, kilobytes: int = 4096) -> WebReceiver:
    tokens = BearerTokens(KEYS, AUDIENCE, lambda: NOW_SECONDS, IdentifierHasher("a key for tests"))
    ids = (f"new-{number}" for number in itertools.count(1))
    return WebReceiver(tokens, MemoryRates(lambda: NOW_SECONDS), rate, kilobytes, lambda: next(ids), kept)


def request(body: bytes, token: str = TOKEN) -> HttpRequest:
    return HttpRequest(
        method="POST",
        path="/chat",
        headers={"authorization": f"Bearer {token}"},
        body=body,
        received_at=NOW_SECONDS,
        correlation="request-1",
    )


def parsed(body: bytes, token: str = TOKEN) -> tuple[Message, WebMessageIds]:
    arrived = receiver().parse(request(body, token))
    (message,) = only_messages(arrived.messages)
    return message, msgspec.json.decode(arrived.response_body, type=WebMessageIds)


def test_a_message() -> None:
    """A message belongs to its person's conversation, and its answer has the name that its client gave it."""
    message, place = parsed(read_payload("web/message"))

    assert message == Message(
        id="0d7c7cf6-6b2c-4b0e-9f6c-8f6f0f7a1a01",
        chat="web:ada:main",
        room="web:ada",
        channel="web",
        sender="web:ada",
        text="when does the Lisbon office open, and who has the keys?",
        sent=NOW_SECONDS,
        received=NOW_SECONDS,
        correlation="request-1",
        platform={"conversation": "main"},
    )
    assert place == WebMessageIds("web:ada:main", message.id, f"main.{message.id}")
    assert parse_turn_id("ada", place.turn) == place


def test_the_domain_of_an_address_is_told_and_the_address_is_not() -> None:
    """An operator names a domain whose people may read the ERP, and the subject is hashed."""
    message, _ = parsed(b'{"text": "Hi"}', ISSUER.issue_token("Ada@Butler.example"))

    assert message.platform == {"conversation": "main", "email_domain": "butler.example"}
    assert "ada@" not in msgspec.json.encode(message).decode().lower()
    assert message.without_address().platform == {}
    assert parsed(b'{"text": "Hi"}')[0].platform == {"conversation": "main"}


def test_another_conversation() -> None:
    """A conversation that is named is a chat of its own, in the same room."""
    message, place = parsed(read_payload("web/message_in_conversation"))

    assert (message.chat, message.room) == ("web:ada:lisbon-2026", "web:ada")
    assert place.turn == f"lisbon-2026.{message.id}"


def test_a_message_without_an_id() -> None:
    """Who gives no id gets a new one."""
    assert parsed(read_payload("web/message_without_id"))[1].turn == "main.new-1"


@pytest.mark.parametrize("name, act", [("mute", "mute"), ("stop", "stop")])
def test_orders(name: str, act: str) -> None:
    """Orders are plain words here, as everywhere; a mute is about all conversations of the person."""
    order = parse_intake(parsed(read_payload(f"web/{name}"))[0]).issue_command()

    assert order is not None
    assert (order.command.action, order.scope, order.chat) == (act, "web:ada", "web:ada:main")


def test_people_are_apart() -> None:
    """The same id in the same conversation of another person is another message."""
    message, _ = parsed(read_payload("web/message"), ISSUER.issue_token("ben"))

    assert message.chat == "web:ben:main"


@pytest.mark.parametrize(
    "body, reason",
    [
        (b"", "cannot be read"),
        (b"[]", "cannot be read"),
        (b'{"id": "1"}', "the text is empty"),
        (b'{"text": 5}', "cannot be read"),
        (b'{"text": " \\n"}', "the text is empty"),
        (b'{"text": "a", "id": "a b"}', "id is not made of"),
        (b'{"text": "a", "id": "a.b"}', "id is not made of"),
        (b'{"text": "a", "id": "' + b"a" * 65 + b'"}', "id is not made of"),
        (b'{"text": "a", "conversation": ""}', "conversation is not made of"),
        (b'{"text": "a", "conversation": "../ben"}', "conversation is not made of"),
        (b'{"text": "a", "conversation": "\xd9\xa1"}', "conversation is not made of"),
        (b'{"text": "\xff"}', "cannot be read"),
    ],
)
def test_what_cannot_be_read(body: bytes, reason: str) -> None:
    """Wrong types, empty texts and names that are none are refused with the reason."""
    with pytest.raises(InvalidPayload, match=reason):
        receiver().parse(request(body))


def test_future_fields() -> None:
    """What a client sends besides is no error."""
    assert parsed(b'{"text": "hello", "id": "1", "mood": {"a": [1]}}')[0].text == "hello"


def test_too_long() -> None:
    """A text of more than 64 K characters is no message."""
    with pytest.raises(InvalidPayload, match=r"65536.*\$\.text"):
        receiver().parse(request(json.dumps({"text": "a" * 65_537}).encode()))


def attachments(*contents: bytes) -> bytes:
    """A message that is nothing but these files."""
    files = [{"name": "x", "data": base64.b64encode(content).decode()} for content in contents]
    return json.dumps({"id": "m-1", "attachments": files}).encode()


def test_attachments() -> None:
    """A picture and a document come along, and are what their bytes say that they are."""
    message, _ = parsed(read_payload("web/message_with_files"))

    assert [(one.kind, one.mime, one.name) for one in message.attachments] == [
        ("image", "image/png", "desks.png"),
        ("file", "text/plain", "desks.csv"),
    ]
    assert message.attachments[0].download_ref == {"key": message.attachments[0].id}
    assert parsed(read_payload("web/message_with_files"))[0].attachments == message.attachments


def test_what_comes_without_a_word() -> None:
    """A file says enough."""
    (message,) = only_messages(receiver().parse(request(attachments(b"OggS and more"))).messages)

    assert (message.text, [one.kind for one in message.attachments]) == ("", ["audio"])


@pytest.mark.parametrize(
    "body, reason",
    [
        (attachments(bytes(8)), "neither an image"),
        (attachments(b"\0\0\0\x18ftypmp42"), "of type video/mp4"),
        (attachments(*[b"text"] * 5), "length <= 4"),
        (b'{"attachments": [{"data": "no base64"}]}', "attachments"),
        (b'{"attachments": [{"name": "nothing.png"}]}', "data"),
    ],
)
def test_files_that_nobody_reads(body: bytes, reason: str) -> None:
    """They are refused with the reason, and the message with them."""
    with pytest.raises(InvalidPayload, match=reason):
        receiver().parse(request(body))


def test_a_decision() -> None:
    """It is a press of a button that has nothing to say, by the person whose token it is."""
    arrived = receiver().parse(request(read_payload("web/decision")))

    (pressed,) = arrived.presses
    assert not arrived.messages
    assert (pressed.press.proposal_id, pressed.press.approved, pressed.press.decided_by) == (
        "01J9-turn-7",
        True,
        "web:ada",
    )
    assert (pressed.message.proposal_id, pressed.message.approved) == ("01J9-turn-7", True)
    assert pressed.message.id == pressed.press.id


def test_a_store_that_is_down() -> None:
    """What cannot be kept is to be sent again."""
    with pytest.raises(BackendError):
        receiver().parse(request(attachments(b"down")))


def test_too_fast() -> None:
    """Who sends more than they may in a minute is told when they may again; others are not held up."""
    three = receiver(rate=3)
    for _ in range(3):
        three.verify(request(b""))

    with pytest.raises(RateLimited) as refusal:
        three.verify(request(b""))

    assert 0 < refusal.value.retry_after <= 60
    three.verify(request(b"", ISSUER.issue_token("ben")))


def test_nobody() -> None:
    """Without a token nothing is counted or read."""
    with pytest.raises(Unauthorized):
        receiver().verify(request(b"", token=""))


@pytest.mark.parametrize(
    "turn", ["", "main", "main.", ".m-1", "a.b.c", "a/b.c", "main.m 1", "main." + "a" * 65]
)
def test_names_of_no_turn(turn: str) -> None:
    """What no message can be called is the name of no turn."""
    assert parse_turn_id("ada", turn) is None


SAMPLES = [json.loads(path.read_text()) for path in sorted((EVENTS_FOLDER / "web").glob("*.json"))]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample event with something else in it, or cut, or with other bytes."""
    event: dict[str, Any] = dict(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(0, 2))):
        event[draw(st.sampled_from([*event, "id", "conversation", "else"]))] = draw(ANYTHING)
    body = json.dumps(event).encode()
    if draw(st.booleans()):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=3)) + body[at + draw(st.integers(0, 3)) :]
    return body


@given(mutated())
def test_whatever_is_posted(body: bytes) -> None:
    """A message, or a refusal that says why: never another error, and never somebody else's chat."""
    try:
        arrived = receiver().parse(request(body))
    except RequestRejected:
        return
    waiting: list[Incoming] = [*arrived.messages, *(one.message for one in arrived.presses)]
    (message,) = waiting
    place = msgspec.json.decode(arrived.response_body, type=WebMessageIds)
    assert message.chat.startswith("web:ada:")
    assert parse_turn_id("ada", place.turn) == place
    msgspec.json.encode(message)


def test_too_much() -> None:
    """Who sends more bytes than they may in a minute is told when they may again; short messages of theirs,
    and others, are not held up."""
    hundred = receiver(kilobytes=100)
    for _ in range(2):
        hundred.verify(request(b"a" * 50_000))

    with pytest.raises(RateLimited, match="more than 100 KB") as refusal:
        hundred.verify(request(b"a" * 50_000))

    assert 0 < refusal.value.retry_after <= 60
    hundred.verify(request(b"a" * 500))
    hundred.verify(request(b"a" * 50_000, ISSUER.issue_token("ben")))
