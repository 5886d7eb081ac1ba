"""A messages store that fails or hangs costs those who ask nothing, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.message import Exchange, Side, StoredMessage
from repartee.errors import DeadlineExceeded, InvalidArgument
from repartee.plan import deadline
from repartee.ports import Vector
from repartee.turn.persist import COOLDOWN_SECONDS, MAX_FAILURES, ExchangePersister
from repartee.turn.worker import PERSIST_SECONDS
from tests.support.crashing_world import CHANNEL_ID, SILENT_LOGGER, CrashingWorld
from tests.support.inbox_builders import make_exchange
from tests.support.memory_stores import MemoryInbox

THREAD = "1788999999.000001"


class HangingStore:
    """`ports.Messages` and `ports.Embedder` of a store that answers nobody, in as long as a caller waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.hangs = True
        self.embedded = 0
        self.calls = 0
        self.said: list[StoredMessage] = []

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.embedded += 1
        return [[1.0] for _ in texts]

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        """Nothing is deleted here."""

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        self.calls += 1
        if self.hangs:
            raise DeadlineExceeded("weaviate", "no answer")
        self.said += [one for one, _ in messages]

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        raise NotImplementedError

    def search(
        self, room: str, side: Side, text: str, vector: Vector | None, limit: int, asked_at: float = 0.0
    ) -> Sequence[StoredMessage]:
        raise NotImplementedError

    def delete_all(self, scope: str, sender: str = "") -> int:
        raise NotImplementedError


def persister(store: HangingStore) -> ExchangePersister:
    return ExchangePersister(
        MemoryInbox(),
        store,
        store,
        SILENT_LOGGER,
        monotonic=lambda: store.now,
    )


def exchange(turn: str) -> Exchange:
    return make_exchange(turn=turn)


def test_a_store_that_keeps_failing_is_left_alone() -> None:
    """After three exchanges nobody waits for it, until a while has passed; then one tries."""
    store = HangingStore()
    persist = persister(store).persist
    for number in range(10):
        persist(exchange(f"t{number}"))
    assert store.calls == MAX_FAILURES

    store.now += COOLDOWN_SECONDS
    store.hangs = False
    for number in range(10):
        persist(exchange(f"t{number}"))

    assert len({one.id for one in store.said if one.side == "assistant"}) == 10


def test_an_exchange_is_embedded_once_however_often_it_is_tried() -> None:
    """What the store does not take is not paid for again."""
    store = HangingStore()
    persist = persister(store).persist
    for _ in range(4):
        persist(exchange("t1"))
        store.now += COOLDOWN_SECONDS
    store.hangs = False

    persist(exchange("t1"))

    assert store.embedded == 1
    assert store.said


def test_an_overdue_exchange_is_persisted_once_a_wake() -> None:
    """However many turns its chat has under that wake."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.broken = {"messages.put"}
    world.ask_question("one?", THREAD)
    world.run_worker()
    world.pass_time(120.0)
    world.broken = set()
    persisted: list[str] = []
    world.besides = lambda exchange: persisted.append(exchange.turn)

    def ask_once_more() -> None:
        world.between_pieces = lambda: None
        world.ask_question("three?", THREAD)

    world.between_pieces = ask_once_more
    world.ask_question("two?", THREAD)
    world.run_until_quiet()

    assert len(persisted) == len(set(persisted)) == 3


def test_the_store_has_no_longer_than_the_worker_gives_it() -> None:
    """It is told how long it may take: twenty seconds, or what the invocation has left."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    given: list[float | None] = []
    world.besides = lambda exchange: given.append(deadline.remaining())
    world.ask_question("one?", THREAD)

    world.run_worker()

    assert given[0] is not None
    assert 0 < given[0] <= PERSIST_SECONDS


def test_what_cannot_be_embedded_is_remembered_without_vectors() -> None:
    """A text that the embeddings refuse is kept, found by its words, and not tried again."""

    class RefusingEmbeddings(HangingStore):
        def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
            raise InvalidArgument("openai", "too many tokens")

        def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
            kept.extend((one.text, vector) for one, vector in messages)

    kept: list[tuple[str, Vector | None]] = []
    inbox, store = MemoryInbox(), RefusingEmbeddings()
    exchange = make_exchange()
    inbox.unremembered[exchange.turn] = exchange

    ExchangePersister(inbox, store, store, SILENT_LOGGER).persist(exchange)

    assert kept == [("hello", None), ("hi", None)]
    assert inbox.list_open(exchange.chat).exchanges == ()
