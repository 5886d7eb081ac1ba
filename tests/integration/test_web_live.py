"""What a member writes reaches the customer's open page over real connections, from whichever process."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

import pytest

from repartee.channels.web.live_follower import MAX_IDLE_PAUSE_SECONDS, MIN_ACTIVE_PAUSE_SECONDS
from repartee.console.access import Operator, Role
from repartee.console.operator_relay import OperatorRelay
from repartee.domain.handover import Customer, HandoverRequest
from repartee.domain.message import Person, TeamAction
from repartee.errors import Unavailable
from repartee.ports.handovers import Team
from repartee.wiring import handovers, services, stores
from tests.support.memory_desk import MemoryDesk
from tests.support.memory_handovers import ANA
from tests.support.memory_teams import MemoryTeams
from tests.support.web_instances import ReplyReading, WebClient, WebInstance, WebInstances

if TYPE_CHECKING:
    from repartee.ports import SmallModel

CHAT, ROOM = "web:ada:main", "web:ada"


class TakenConversation:
    """The conversation of a customer that a member has, and the process that passes on what they write."""

    def __init__(self, instances: WebInstances) -> None:
        self._shared = instances.shared
        self.handovers = self._shared.handovers
        self._worker = instances.start_worker()
        prepare_relays(self._worker)
        customer = Customer(room=ROOM, channel="web", person=Person(ROOM, "Ada"), wrote_at=self._shared.now)
        request = HandoverRequest(chat=CHAT, customer=customer, reason="team", at=self._shared.now)
        self.handovers.take(CHAT, ANA, self._shared.now, request=request)
        self._pass_on()

    def write(self, id: str, text: str) -> None:
        """The member writes."""
        now = self._shared.now
        action = TeamAction(
            id=id, chat=CHAT, room=ROOM, channel="web", sender=ANA.id, sent=now, received=now, kind="message",
            text=text,
        )  # fmt: skip
        self._shared.inbox.put(action)
        self._pass_on()

    def _pass_on(self) -> None:
        self._shared.wakes.send(CHAT)
        self._worker.answer_all_wakes()


def prepare_relays(worker: WebInstance) -> None:
    """Gives a process what it passes messages on with."""
    worker.replace(handovers.teams, lambda _: MemoryTeams(Team(rooms=())))
    worker.put(stores.desk_records, MemoryDesk(worker.shared.records))
    worker.replace(services.small_model, lambda _: cast("SmallModel", None))  # no member asks for help


@pytest.fixture
def instances() -> Iterator[WebInstances]:
    with ExitStack() as opened:
        yield WebInstances(opened)


def look(web: WebClient, last: str = "", conversation: str = "main") -> ReplyReading:
    """Asks once for what is new, as a page does, and reads the answer to its end."""
    headers = web.request_headers | ({"Last-Event-ID": last} if last else {})
    with web.http.stream("GET", f"/chat/{conversation}/live", headers=headers) as response:
        assert response.status_code == 200
        reading = ReplyReading(response)
        reading.read_rest()
        return reading


def messages(reading: ReplyReading) -> list[tuple[str, str]]:
    """Returns who wrote what."""
    told = [json.loads(event.data) for event in reading.events if event.event == "message"]
    return [(one["by"], one["text"]) for one in told]


def test_a_page_asks_and_asks_again(instances: WebInstances) -> None:
    """It gets what was said since its last event, each message once, and nothing when there is nothing
    new."""
    web, taken = instances.start_instance(), TakenConversation(instances)
    first = look(web)
    taken.write("m-1", "It left this morning.")
    taken.write("m-2", "It comes tomorrow.")
    second = look(instances.start_instance(), first.last)

    assert messages(first) == [("desk", "A person from our team is here for you now.")]
    assert messages(second) == [("member", "It left this morning."), ("member", "It comes tomorrow.")]
    assert look(web, second.last).events == []
    assert messages(look(web)) == messages(first) + messages(second)


def test_a_page_asks_seldom_while_nothing_happens(instances: WebInstances) -> None:
    """Often while a person has the conversation and something happened lately; ever less afterwards, and
    least while the assistant has it."""
    web = instances.start_instance()
    assert look(web).retry_seconds == MAX_IDLE_PAUSE_SECONDS
    taken = TakenConversation(instances)
    taken.write("m-1", "Hello")
    last = look(web).last
    pauses = []
    for _ in range(4):
        pauses.append(look(web, last).retry_seconds)
        instances.shared.now += 60

    assert pauses[0] == MIN_ACTIVE_PAUSE_SECONDS
    assert pauses == sorted(pauses)
    assert pauses[1] < pauses[3] == 15.0
    taken.handovers.resolve(CHAT, ANA, instances.shared.now)
    instances.shared.now += 3600
    assert look(web, last).retry_seconds == MAX_IDLE_PAUSE_SECONDS


def test_a_conversation_is_its_persons_alone(instances: WebInstances) -> None:
    """Another person who asks for a conversation of that name gets their own; without a token nobody gets
    one."""
    web, stranger = instances.start_instance(), instances.start_instance(sub="ben")
    TakenConversation(instances).write("m-1", "It left this morning.")

    assert look(stranger).events == []
    assert messages(look(web, conversation="other")) == []
    assert web.http.get("/chat/main/live").status_code == 401
    for name in ("web:ada:main", "main.m-1", "a%2fb", "x" * 65):
        assert web.http.get(f"/chat/{name}/live", headers=web.request_headers).status_code == 404


def test_a_store_that_fails(instances: WebInstances, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is told to come back, and no answer that looks whole is begun."""
    web = instances.start_instance()

    def failing(*_: Any) -> None:
        raise Unavailable("dynamodb", "as ordered")

    monkeypatch.setattr(instances.shared.events, "read_page", failing)
    answer = web.http.get("/chat/main/live", headers=web.request_headers)

    assert (answer.status_code, answer.json()["error"]) == (503, "try again in a moment")


def test_a_long_conversation_is_read_to_its_end(instances: WebInstances) -> None:
    """A page that asks for the first time gets all that is kept, however many pages of the store that are."""
    web, taken = instances.start_instance(), TakenConversation(instances)
    for number in range(10):
        taken.write(f"m-{number}", f"line {number}")

    assert [text for _, text in messages(look(web))[1:]] == [f"line {number}" for number in range(10)]


def test_requests_may_wait_for_news(instances: WebInstances) -> None:
    """Where the setting lets them, two pages that wait get what a member writes elsewhere at once; each is
    told to come back when its time is over, and may hold as many connections as for replies."""
    web, taken = instances.start_instance(WEB_LIVE_WAIT="2", WEB_STREAMS="2"), TakenConversation(instances)
    last = look(instances.start_instance()).last
    headers = web.request_headers | {"Last-Event-ID": last}
    with (
        web.http.stream("GET", "/chat/main/live", headers=headers) as one,
        web.http.stream("GET", "/chat/main/live", headers=headers) as other,
    ):
        assert web.http.get("/chat/main/live", headers=headers).status_code == 429
        taken.write("m-1", "It left this morning.")
        for response in (one, other):
            reading = ReplyReading(response)
            reading.read_rest()
            assert messages(reading) == [("member", "It left this morning.")]
            assert reading.retry_seconds == 1.0
    assert look(web, last).response.status_code == 200


def test_a_sign_that_a_member_types_grows_old(instances: WebInstances) -> None:
    """It is shown to a page that asks at once, and not to one that asks later."""
    web, taken = instances.start_instance(), TakenConversation(instances)
    last = look(web).last
    taken.write("m-1", "Hello")

    assert look(web, last).event_names == ["status", "message"]
    instances.shared.now += 60
    assert look(web, last).event_names == ["message"]


def test_an_operator_of_the_console_answers_on_the_web(instances: WebInstances) -> None:
    """They take a conversation that the assistant has, and the customer's page shows what they write."""
    web, shared, worker = instances.start_instance(), instances.shared, instances.start_worker()
    prepare_relays(worker)
    shared.model.add_pieces("Hello.")
    shared.model.end_reply()
    web.post_message(id="m-1", text="hello?")
    ids = map(str, itertools.count(1))
    relay = OperatorRelay(shared.handovers, shared.inbox, shared.wakes, shared.clock, lambda: next(ids))
    olga = Operator("olga", "Olga", Role.AGENT)

    assert relay.take(CHAT, olga).applied
    shared.now += 1
    assert relay.answer(CHAT, olga, "I am Olga.") is None
    worker.answer_all_wakes()

    assert messages(look(web)) == [
        ("desk", "A person from our team is here for you now."),
        ("member", "I am Olga."),
    ]
    assert shared.model.asked == ["hello?"]
