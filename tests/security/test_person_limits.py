"""One person cannot take the assistant from the others: messages, bytes, streams, files."""

from __future__ import annotations

import itertools
from pathlib import Path

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from repartee.domain.message import Message
from repartee.errors import Unavailable
from repartee.intake.person_limits import MAX_COUNTED_PERSONS, PersonLimits
from repartee.language.texts import OVER_PERSON_LIMIT
from repartee.ports import StreamSlots
from repartee.services.documents import DocumentReader
from repartee.stores.dynamodb.stream_slots import DynamoStreamSlots
from repartee.wiring import functions
from tests.support import aws
from tests.support.hostile import BOMBS
from tests.support.inbox_builders import make_message
from tests.support.memory_handlers import MemoryWiring, WebhookFunction, read_payload
from tests.support.memory_web_stores import MemoryRates, MemoryStreamSlots
from tests.support.scenario_runner import Scenario, ScenarioRunner, ScenarioStep
from tests.support.web_instances import TIMEOUT_SECONDS, ReplyReading, SharedStores, WebInstance, serve_app

EVE, ADA = "slack:T1:U0EVE", "slack:T1:U0ADA"

IDS = itertools.count(1)


class Clock:
    """Time that passes when the test says so."""

    now = 1_789_000_020.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def judge_many(limits: PersonLimits, sender: str, count: int, text: str = "hello") -> list[str]:
    return [limits.judge(message_of(sender, text)) for _ in range(count)]


def message_of(sender: str, text: str = "hello") -> Message:
    return msgspec.structs.replace(make_message(text, id=str(next(IDS))), sender=sender)


@pytest.mark.parametrize("channel", ["slack", "telegram"])
def test_a_flood_is_told_once_and_the_model_is_not_asked_for_it(tmp_path: Path, channel: str) -> None:
    """Of ten messages in a minute as many are answered as may be; then one text says what is not answered."""
    settings = {"PERSON_RATE": "3"}
    conversation = Scenario(says="", talk=(), channels=(channel,), settings=settings)
    runner = ScenarioRunner(conversation, channel, "office", tmp_path / channel, parallel=True)
    for number in range(10):
        post(runner, f"question {number}?")

    runner.parts.answer_all_wakes()

    seen = runner.visible_text()
    assert sum(text.count(OVER_PERSON_LIMIT) for text in seen) == 1
    asked = {line.text for prompt in runner.parts.models.given for line in prompt.incoming}
    assert len(asked) == 4  # the first message of a process costs nothing, three more are counted
    assert runner.parts.stored_inbox.open == {}


def test_a_mute_counts_whatever_its_sender_wrote_before(tmp_path: Path) -> None:
    """A command is carried out of a person who is over the limit, and nothing is said afterwards."""
    conversation = Scenario(says="", talk=(), channels=("slack",), settings={"PERSON_RATE": "1"})
    runner = ScenarioRunner(conversation, "slack", "office", tmp_path / "mute", parallel=True)
    for number in range(5):
        post(runner, f"question {number}?")

    post(runner, "mute for 2 hours")

    control = runner.parts.stored_records.read_control(runner.place.room, runner.place.chat)
    assert control.is_muted(runner.parts.clock())


def post(runner: ScenarioRunner, text: str) -> None:
    """A person writes it half a second after the last."""
    runner.parts.time.sleep(0.5)
    runner._post_step(ScenarioStep(text=text))


def test_the_function_counts_what_is_over_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """Each message of a flood is a 200, so that the platform does not send it again; a metric counts them."""
    webhook = WebhookFunction(MemoryWiring(PERSON_RATE="2", TELEGRAM_WEBHOOK_SECRET="word"))
    secret = {"x-telegram-bot-api-secret-token": "word"}
    update = read_payload("telegram/private_message").decode()

    answers = [
        webhook.post_body(
            update.replace("870000001", str(870000800 + n)).replace(": 101,", f": {2800 + n},").encode(),
            secret,
            path="/telegram/webhook",
        )
        for n in range(9)
    ]

    assert {answer["statusCode"] for answer in answers} == {200}
    kept = webhook.take_stored()
    assert [one.is_over_limit for one in kept if isinstance(one, Message)] == [False] * 3 + [True]
    assert capsys.readouterr().out.count('"MessagesOverLimit":') == 6


def test_others_are_not_affected(clock: Clock) -> None:
    """What one person writes is not held against another, in whichever room."""
    limits = PersonLimits(MemoryRates(clock), 5, 512, clock)

    flood = judge_many(limits, EVE, 100)

    assert flood.count("within") == 6
    assert flood.count("first_over") == 1
    assert judge_many(limits, ADA, 5) == ["within"] * 5


def test_the_next_minute_begins_anew(clock: Clock) -> None:
    """Who was over the limit is answered again, and would be told again."""
    limits = PersonLimits(MemoryRates(clock), 2, 512, clock)
    judge_many(limits, EVE, 10)
    clock.now += 60.0

    assert judge_many(limits, EVE, 10).count("within") == 3


def test_all_processes_count_together(clock: Clock) -> None:
    """Each takes the first message without asking; the others are counted over all."""
    rates = MemoryRates(clock)
    processes = [PersonLimits(rates, 5, 512, clock) for _ in range(4)]

    verdicts = [verdict for one in processes for verdict in judge_many(one, EVE, 10)]

    assert verdicts.count("within") == 4 + 5
    assert verdicts.count("first_over") == 1


def test_a_few_huge_messages_are_too_many(clock: Clock) -> None:
    """Bytes count as messages do: three of 160 KB are taken in a minute, and no fourth."""
    limits = PersonLimits(MemoryRates(clock), 100, 512, clock)

    assert judge_many(limits, EVE, 5, "x" * 160_000) == ["within"] * 3 + ["first_over", "over"]


def test_what_is_counted_is_bounded(clock: Clock) -> None:
    """A process forgets who wrote the longest ago: a flood of people takes no memory."""
    limits = PersonLimits(MemoryRates(clock), 5, 512, clock)
    for number in range(MAX_COUNTED_PERSONS + 500):
        limits.judge(message_of(f"slack:T1:U{number}"))

    assert len(limits._taken) == MAX_COUNTED_PERSONS


class BrokenRates:
    """`ports.RateLimiter` that is down."""

    def admit(self, key: str, limit: int, window_seconds: float, amount: int = 1, event: str = "") -> float:
        raise Unavailable("dynamodb", "down")


def test_while_nobody_can_count_everybody_is_answered(clock: Clock) -> None:
    """A counter that is down costs the limit, and no answer."""
    assert set(judge_many(PersonLimits(BrokenRates(), 1, 1, clock), EVE, 20)) == {"within"}


@pytest.fixture(params=["memory", "dynamodb_local"])
def slots(request: pytest.FixtureRequest, clock: Clock) -> StreamSlots:
    if request.param == "memory":
        return MemoryStreamSlots(clock)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoStreamSlots(dynamodb, aws.make_table(dynamodb), clock)


def test_a_person_has_so_many_slots_and_no_more(slots: StreamSlots, clock: Clock) -> None:
    """One that is given back or runs out is free again; a late release frees nobody else's."""
    taken = [slots.acquire("web:eve", 2, 300.0) for _ in range(3)]
    assert [bool(slot) for slot in taken] == [True, True, False]
    assert slots.acquire("web:ada", 2, 300.0)

    slots.release("web:eve", taken[0])
    again = slots.acquire("web:eve", 2, 300.0)
    slots.release("web:eve", taken[0])
    assert again
    assert not slots.acquire("web:eve", 2, 300.0)

    clock.now += 301.0
    assert slots.acquire("web:eve", 2, 300.0)


@pytest.mark.parametrize("path", ["POST /chat", "GET /chat/{turn}/events"])
def test_eighty_readers_of_one_person_leave_room_for_the_others(path: str) -> None:
    """While four streams of a person are open each further one is a 429; another person's is taken."""
    shared = SharedStores()
    with serve_app(Starlette(routes=shared.issuer.routes())) as issuer_url:
        shared.issuer_url = issuer_url
        with serve_app(WebInstance(shared).get(functions.stream_app)) as url:
            turns = {person: _ask(shared, url, person) for person in ("eve", "ada")}
            open_streams = [shared.stream_slots.acquire("web:eve", 4, 300.0) for _ in range(4)]
            method, _, place = path.partition(" ")

            refused = [
                _request(shared, url, "eve", method, place.format(turn=turns["eve"])) for _ in range(76)
            ]
            shared.model.add_pieces("Here.")
            shared.model.end_reply()
            taken = _request(shared, url, "ada", method, place.format(turn=turns["ada"]))

    assert all(open_streams)  # the first stream was closed when its client had read it
    assert {(status, bool(wait)) for status, wait in refused} == {(429, True)}
    assert taken == (200, "")


def _ask(shared: SharedStores, url: str, person: str) -> str:
    """The person asks something, and reads the reply to its end. Returns the turn."""
    headers = {"Authorization": f"Bearer {shared.issuer.issue_token(sub=person)}"}
    shared.model.add_pieces("Here.")
    shared.model.end_reply()
    with httpx2.stream(
        "POST", f"{url}/chat", json={"text": "hello"}, headers=headers, timeout=TIMEOUT_SECONDS
    ) as reply:
        turn: str = ReplyReading(reply).read_until_event("done")["turn"]
    return turn


def _request(shared: SharedStores, url: str, person: str, method: str, place: str) -> tuple[int, str]:
    """Returns the status that a request is answered with, and when one may come back."""
    headers = {"Authorization": f"Bearer {shared.issuer.issue_token(sub=person)}"}
    body = {"text": "again"} if method == "POST" else None
    with httpx2.stream(method, f"{url}{place}", headers=headers, timeout=TIMEOUT_SECONDS, json=body) as reply:
        return reply.status_code, reply.headers.get("retry-after", "")


def test_a_workbook_that_wants_all_memory_costs_its_own_process_alone() -> None:
    """The worker lives on, says what became of the file, and reads the next one."""
    name = "a row of millions of cells"
    refused: list[Exception] = []
    try:
        read = DocumentReader().parse(BOMBS[name](), "book.xlsx")
        assert "could not be read" in read.text
    except Exception as refusal:  # noqa: BLE001 - which one it is says the file's reader
        refused.append(refusal)

    assert "after it" in DocumentReader().parse(b"after it", "next.txt").text
