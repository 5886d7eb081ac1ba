"""What is stored outlives a rename: the functions of the commit before and of this one work on one table.

A canary runs both for minutes, so each reads what the other writes. A case is a sample event: add one for
whatever a later change stores in another way.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from local.sample_events import samples
from repartee.domain.message import Attachment, ButtonPress, ContextPart, Message, Opening, Person
from repartee.stores.dynamodb.codec import decode_message
from repartee.turn.turn import Turn
from repartee.wiring import process, stores
from tests.support.earlier_version import BEFORE_THE_ROOMS, EarlierFunctions, earlier_functions
from tests.support.inbox_builders import label_of
from tests.support.live_handlers import Event, LiveHandlers, live_handlers

NOT_KNOWN = "I do not know this proposal any more. Nothing was changed. Ask me again."
LONGEST_QUIET_SECONDS = 10.0
QUIET = "I will be quiet here. Say `unmute` to me when you want me back."

SAMPLES: dict[str, tuple[type, str, str]] = {
    "slack/app_mention": (Message, "when does the Lisbon office open, and who has the keys?", ""),
    "slack/assistant_thread_started": (Opening, "", ""),
    "slack/interactivity/approve": (ButtonPress, "purchase:17", NOT_KNOWN),
    "slack/voice_and_picture": (Message, "", ""),
    "telegram/private_message": (Message, "when does the Lisbon office open, and who has the keys?", ""),
    "telegram/photo": (Message, "is this floor plan the new one?", ""),
    "whatsapp/text": (Message, "when does the Lisbon office open, and who has the keys?", ""),
    "whatsapp/text_without_user_id": (
        Message,
        "when does the Lisbon office open, and who has the keys?",
        "",
    ),
    "whatsapp/document": (Message, "please look at the rent", ""),
}
"""Of each sample: what it is to the domain, what it says, and the reply, where that is known beforehand."""


class BothVersions:
    """Both versions of the functions, on one stack."""

    def __init__(self, live: LiveHandlers, earlier: EarlierFunctions) -> None:
        self.live, self.earlier = live, earlier

    def build_event(self, name: str, say: str | None = None) -> Event:
        """The sample as its platform would post it now."""
        now, path = time.time(), samples.find_event(name)
        secret = self.live.stack.platform_secret(samples.platform_of(path))
        posted = samples.build_request(path, now, secret, lambda: uuid.uuid4().hex, *([say] if say else []))
        if "interactivity" not in name and "started" not in name:
            self.live.stack.show_person_message(samples.extract_said(posted.body))
        return posted.as_lambda_event(now, "request", in_base64=True)

    def post_now(self, event: Event) -> int:
        return int(self.live._deployment.webhook(event, _context("webhook"))["statusCode"])

    def post_earlier(self, event: Event) -> int:
        return int(self.earlier.call("webhook", event)["statusCode"])

    def stored_items(self) -> list[dict[str, Any]]:
        """The items that are open."""
        found = self.live.parts.get(process.dynamodb_client).scan(TableName=self._table, IndexName="open")[
            "Items"
        ]
        return sorted(found, key=lambda item: item["open"]["S"])

    def answer_now(self) -> list[Turn]:
        """Returns the turns of this version that answered what is open, once it may be answered."""
        turns: list[Turn] = []
        for _ in self._while_open():
            turns += self.live.answer_visible_wakes()
        return [turn for turn in turns if turn.incoming]

    def answer_earlier(self) -> None:
        """The earlier turn takes wakes until nothing is open."""
        for _ in self._while_open():
            self._take_visible_wakes()

    def _while_open(self) -> Iterator[None]:
        """A file may be followed by words within seconds, so its wake becomes visible late."""
        end = time.monotonic() + LONGEST_QUIET_SECONDS
        while self.stored_items() and time.monotonic() < end:
            yield
            time.sleep(0.05)

    def _take_visible_wakes(self) -> None:
        while self.live._sqs.get_queue_attributes(
            QueueUrl=self.live._open_queue, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]["ApproximateNumberOfMessages"] not in ("0", 0):
            wake = self.live.receive_wake()
            assert self.earlier.call("turn", wake)["batchItemFailures"] == []
            self.live.delete_wake(wake)

    @property
    def _table(self) -> str:
        return str(self.live.parts.get(process.settings).records_table)


def _context(name: str) -> Any:
    from local import lambda_handlers

    return lambda_handlers.LambdaContext(name)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothVersions]:
    folder = tmp_path_factory.mktemp("earlier")
    with live_handlers() as live, earlier_functions(BEFORE_THE_ROOMS, folder) as earlier:
        yield BothVersions(live, earlier)


@pytest.fixture
def both(running: BothVersions) -> Iterator[BothVersions]:
    running.live.reset_rate_limits()
    yield running
    running.live.clean_up()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_earlier_webhook_writes_and_this_turn_answers(both: BothVersions, name: str) -> None:
    """It reads what it is, and answers and closes it as if this webhook had written it."""
    kind, text, reply = SAMPLES[name]

    assert both.post_earlier(both.build_event(name)) == 200
    (item,) = both.stored_items()
    read = decode_message(item)
    turns = both.answer_now()

    assert "format" not in item
    assert (type(read), label_of(read)) == (kind, text)
    assert [type(one) for turn in turns for one in turn.incoming] == [kind]
    assert reply in turns[0].reply
    assert bool(turns[0].reply) == (kind is not Opening)
    assert both.stored_items() == []


@pytest.mark.parametrize("name", SAMPLES)
def test_this_webhook_writes_and_the_earlier_turn_answers(both: BothVersions, name: str) -> None:
    """It answers and closes it, whatever fields it does not know."""
    _, _, reply = SAMPLES[name]
    before = both.live.parts.get(process.dynamodb_client).scan(TableName=both._table)["Items"]

    assert both.post_now(both.build_event(name)) == 200
    (item,) = both.stored_items()
    both.answer_earlier()

    assert item["format"] == {"N": "2"}
    assert both.stored_items() == []
    exchanges = _exchanges_since(both, before)
    assert [reply in one["reply"] for one in exchanges] == [True]


@pytest.mark.parametrize("text", ["mute", "stop", "unmute"])
def test_a_command_of_the_earlier_webhook_is_one_to_this_turn(both: BothVersions, text: str) -> None:
    """Its item has the command in its text alone. No model is asked."""
    both.post_earlier(both.build_event("telegram/private_message", text))

    (turn,) = both.live.answer_visible_wakes()

    assert not turn.outcomes
    assert turn.reply == {"mute": QUIET, "stop": "", "unmute": "I am back."}[text]


def test_what_only_this_version_knows_is_no_harm_to_the_earlier_turn(both: BothVersions) -> None:
    """Films, people with names and the words of others are fields that it does not know, or files to it."""
    both.post_now(both.build_event("telegram/private_message"))
    (item,) = both.stored_items()
    both.live.answer_visible_wakes()
    message = decode_message(item)
    assert isinstance(message, Message)
    richer = msgspec.structs.replace(
        message,
        id=f"{message.id}-2",
        mentions=(Person("telegram:7", "Ben"),),
        attachments=(Attachment(kind="video", id="film", mime="video/mp4", download_ref={"file_id": "f"}),),
        context=(ContextPart(kind="forwarded", author=Person("telegram:7", "Ben"), text="stop"),),
    )

    both.live.parts.get(stores.inbox).put(richer)
    both.live.parts.get(stores.wakes).send(richer.chat)
    both.answer_earlier()

    assert both.stored_items() == []


def _exchanges_since(both: BothVersions, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {(item["pk"]["S"], item["sk"]["S"]) for item in before}
    items = both.live.parts.get(process.dynamodb_client).scan(TableName=both._table)["Items"]
    return [
        msgspec.json.decode(item["payload"]["S"])
        for item in items
        if item["sk"]["S"].startswith("exchange#") and (item["pk"]["S"], item["sk"]["S"]) not in known
    ]
