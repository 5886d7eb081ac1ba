"""pywa, which we did not write, takes our stand-in and our samples for WhatsApp's."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from time import sleep, time
from typing import Any

import httpx
import pytest
import uvicorn
from pywa import WhatsApp, errors, filters, types
from pywa.types import Message, MessageStatus
from starlette.applications import Starlette

from repartee.channels.whatsapp.ids import message_id
from repartee.channels.whatsapp.receiver import WhatsAppReceiver
from repartee.channels.whatsapp.signature import sign_body
from repartee.domain.http import HttpRequest
from repartee.privacy.identifiers import IdentifierHasher
from standins.faults import FaultQueue, StandInFault
from standins.whatsapp.limits import MAX_BODY_CHARS, MAX_TEXT_CHARS, SERVICE_WINDOW_SECONDS
from standins.whatsapp.routes import WhatsAppRoutes
from standins.whatsapp.server import ACCESS_TOKEN, PHONE_NUMBER_ID, TEMPLATE, WhatsAppStandIn
from tests.support.inbox_builders import only_messages
from tests.support.memory_handlers import EVENTS_FOLDER

PHONE, PERSON = "16505551234", "US.13491208655302741918"
SECRET, VERIFY = "local-app-secret", "local-verify-token"
IDENTIFIERS = IdentifierHasher("a key for tests")
UNREAD = {"app_message_echo", "status_failed", "text_without_user_id", "user_id_changed"}
"""What pywa 4.5 cannot read: it takes ids, numbers and contacts for granted that Meta says may be missing."""

SAMPLES = [
    path for path in sorted((EVENTS_FOLDER / "whatsapp").glob("*.json")) if '"entry"' in path.read_text()
]


class Rewritten(httpx.HTTPTransport):
    """Leads what is meant for Meta to the stand-in."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "graph.facebook.com":
            path = request.url.raw_path.decode()
            path = f"/whatsapp{path}" if path.startswith("/v") else path
            request.url = self._url.copy_with(raw_path=path.encode())
        return super().handle_request(request)


class Served:
    """The stand-in on a free port, and pywa's client of it."""

    def __init__(self, url: str) -> None:
        self.shift = 0.0
        self.whatsapp, self.faults = WhatsAppStandIn(lambda: time() + self.shift), FaultQueue()
        self.client = client(httpx.Client(transport=Rewritten(url)))


def client(session: httpx.Client | None = None, token: str = ACCESS_TOKEN) -> WhatsApp:
    return WhatsApp(
        phone_id=PHONE_NUMBER_ID,
        token=token,
        session=session,
        server=None,
        verify_token=VERIFY,
        app_secret=SECRET,
        skip_duplicate_updates=False,
    )


@pytest.fixture(scope="module")
def up() -> Iterator[Served]:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        served = Served(f"http://127.0.0.1:{listener.getsockname()[1]}")
        app = Starlette(routes=list(WhatsAppRoutes(served.whatsapp, served.faults).routes()))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            sleep(0.01)
        yield served
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture
def served(up: Served) -> Served:
    """The stand-in as if nobody had used it, after somebody wrote."""
    up.shift = 0.0
    up.whatsapp.__init__(lambda: time() + up.shift)  # type: ignore[misc]
    up.whatsapp.add_person_message("wamid.1", PHONE, PERSON, "hello")
    return up


def seen(served: Served) -> list[dict[str, Any]]:
    return [said for said in served.whatsapp.visible_chat(PERSON)["messages"] if said["bot"]]


# What is sent


@pytest.mark.parametrize("to", [PHONE, PERSON])
def test_a_client_sends_text(served: Served, to: str) -> None:
    """To a number, or to an id within the business; the answer names the message."""
    sent = served.client.send_message(to, "Hello")

    assert sent.id.startswith("wamid.")
    assert [said["text"] for said in seen(served)] == ["Hello"]
    assert not served.whatsapp.posts[-1]["ignored"]


def test_a_client_offers_buttons(served: Served) -> None:
    """They are shown below the text."""
    served.client.send_message(
        PHONE,
        "Shall I?",
        buttons=[types.Button("Approve", "approve:1"), types.Button("Decline", "decline:1")],
    )

    assert seen(served)[0]["buttons"] == ["approve:1", "decline:1"]


def test_a_client_reads_and_types(served: Served) -> None:
    """Both at once."""
    served.client.indicate_typing("wamid.1")

    assert served.whatsapp.visible_chat(PERSON)["typing"]


def test_a_client_uploads_and_sends_a_picture(served: Served) -> None:
    """And reads it back through its link."""
    media = served.client.upload_media(b"\x89PNG", mime_type="image/png", filename="chart.png")
    served.client.send_image(PHONE, media.id, caption="A chart.")
    link = served.client.get_media_url(media.id)

    assert (seen(served)[0]["kind"], seen(served)[0]["text"]) == ("image", "A chart.")
    assert link.mime_type == "image/png"
    assert served.client.get_media_bytes(link.url) == b"\x89PNG"


def test_a_link_ends_after_five_minutes(served: Served) -> None:
    """Then a new one must be asked for."""
    served.whatsapp.store_media("m1", "audio/ogg", b"OggS")
    link = served.client.get_media_url("m1").url
    served.shift = 301.0

    with pytest.raises(Exception, match="404"):
        served.client.get_media_bytes(link)


def test_a_template_is_taken_after_a_day(served: Served) -> None:
    """When nothing else is."""
    served.shift = SERVICE_WINDOW_SECONDS + 1
    with pytest.raises(errors.ReEngagementMessage):
        served.client.send_message(PHONE, "Hello")

    served.client.send_template(PHONE, TEMPLATE[0], types.templates.TemplateLanguage(TEMPLATE[1]), params=[])

    assert [said["kind"] for said in seen(served)] == ["template"]


@pytest.mark.parametrize(
    "text,error",
    [("x" * (MAX_TEXT_CHARS + 1), errors.WhatsAppError), (" ", errors.InvalidParameter)],
)
def test_texts_have_limits(served: Served, text: str, error: type[Exception]) -> None:
    """Of which it is told in its own errors."""
    with pytest.raises(error):
        served.client.send_message(PHONE, text)


def test_buttons_have_limits(served: Served) -> None:
    """The text above them, and their number."""
    one = [types.Button("Yes", "yes")]
    with pytest.raises(errors.WhatsAppError):
        served.client.send_message(PHONE, "x" * (MAX_BODY_CHARS + 1), buttons=one)
    with pytest.raises(errors.WhatsAppError):
        served.client.send_message(PHONE, "x", buttons=[types.Button(str(n), str(n)) for n in range(4)])


def test_who_cannot_be_reached_is_told(served: Served) -> None:
    """Blocked, or not on WhatsApp."""
    served.whatsapp.unreachable.add(PERSON)

    with pytest.raises(errors.MessageUndeliverable):
        served.client.send_message(PHONE, "Hello")


def test_too_many_messages_to_one_person_are_told(served: Served) -> None:
    """After a burst, for as long as it would have taken one by one."""
    for number in range(3):
        served.client.send_message(PHONE, str(number))
    served.shift = 7.0
    with pytest.raises(errors.TooManyMessages):
        served.client.send_message(PHONE, "one more")

    served.shift = 19.0
    assert served.client.send_message(PHONE, "and now")


def test_a_wrong_token_is_told(served: Served) -> None:
    """As Meta tells it."""
    transport = served.client.api._session._transport  # what leads to the stand-in
    other = client(httpx.Client(transport=transport), token="another")

    with pytest.raises(errors.ExpiredAccessToken):
        other.send_message(PHONE, "Hello")


def test_faults_are_those_that_it_knows(served: Served) -> None:
    """What a test lets go wrong looks as it does there."""
    served.faults.waiting.append(StandInFault("whatsapp:send", "error", status=429))

    with pytest.raises(errors.RateLimitHit):
        served.client.send_message(PHONE, "Hello")


# What is posted


def test_it_takes_our_signatures_for_metas() -> None:
    """Over the same bytes, and no others."""
    body = SAMPLES[0].read_bytes()

    assert client().webhook_update_validator(body, sign_body(SECRET, body)) is None
    refused = client().webhook_update_validator(body, sign_body("another", body))
    assert refused
    assert refused[1] in (401, 403)


def test_it_takes_our_subscription_for_metas() -> None:
    """And gives the challenge back."""
    asked = json.loads((EVENTS_FOLDER / "whatsapp" / "subscribe.json").read_text())

    assert client().webhook_challenge_handler(VERIFY, asked["hub.challenge"]) == (asked["hub.challenge"], 200)


def read(path: Path, caplog: pytest.LogCaptureFixture) -> list[Any]:
    """What it makes of a sample."""
    found: list[Any] = []
    reader = client()

    def note(_: WhatsApp, update: Any) -> None:
        found.append(update)

    for kind in ("message", "callback_button", "callback_selection", "message_status"):
        getattr(reader, f"on_{kind}")(filters.true)(note)
    for kind in ("edited_message", "deleted_message", "phone_number_change", "user_id_change", "chat_opened"):
        if hasattr(reader, f"on_{kind}"):
            getattr(reader, f"on_{kind}")(filters.true)(note)
    with caplog.at_level(logging.WARNING):
        assert reader.webhook_update_handler(path.read_bytes()) == ("ok", 200)
    return found


def _person_of(theirs: Any) -> str:
    """Our id of the person, by what it reads."""
    return str(theirs.bsuid or IDENTIFIERS.hash_id("whatsapp", theirs.wa_id))


@pytest.mark.parametrize(
    "path", [path for path in SAMPLES if path.stem not in UNREAD], ids=lambda path: path.stem
)
def test_we_read_what_it_reads(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Ids, texts, people, media: ours are what it finds in a sample's first message. It reads no more."""
    found = read(path, caplog)
    receiver = WhatsAppReceiver(lambda: (), lambda: (), lambda: False, lambda: "", IDENTIFIERS)
    ours = receiver.parse(HttpRequest("POST", "/whatsapp/webhook", {}, path.read_bytes(), time(), "r"))

    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    for theirs in found[:1]:
        if isinstance(theirs, MessageStatus):
            assert bool(ours.delivery_failures) == (theirs.error is not None)
        elif ours.messages:
            (first, *_) = only_messages(ours.messages)
            if first.revises:  # a change is called after the message that it changes
                assert first.revises == message_id(first.platform["message"])
            else:
                assert first.id == message_id(theirs.id)
                assert first.platform["message"] == theirs.id
            assert first.platform["number"] == theirs.metadata.phone_number_id
            assert first.sender == f"whatsapp:{_person_of(theirs.from_user)}"
            assert int(first.sent) == int(theirs.timestamp.timestamp())
            if isinstance(theirs, Message):
                parts = [one for one in first.context if one.kind == "forwarded"]
                assert bool(parts) == (theirs.forwarded or theirs.forwarded_many_times)
                assert not parts or (first.text, first.attachments) == ("", ())
                said = parts[0] if parts else first
                assert (theirs.text or theirs.caption or "") in said.text
                assert [one.id for one in said.attachments] == _media(theirs)


def _media(message: Message) -> list[str]:
    sticker = None if message.sticker and message.sticker.animated else message.sticker
    media = (message.image, message.audio, message.document, sticker)
    return [one.id for one in media if one]
