"""The local stack's parts: Repartee's own, with latencies in front of the stores and an eye on the turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from msgspec import structs

from local.call_recorder import CallRecorder, RecordedModel, RecordedPort, RecordedWakes
from local.latency import InjectedLatencies, SlowPort, SlowSmallModel
from local.live_turns import LiveTurns, WatchedGraph
from local.vector_folder import SHIPPED_ROUTES_FOLDER, FolderVectors
from repartee.wiring import (
    Wiring,
    WiringPart,
    assistants,
    channels,
    desk_events,
    functions,
    process,
    services,
    stores,
)
from support.caches import cache_folder

if TYPE_CHECKING:
    from repartee.domain.message import Incoming
    from repartee.plan import Graph
    from repartee.ports import Inbox, LanguageModel, SmallModel, Wakes
    from repartee.ports.channels import Receiver
    from repartee.ports.outbox import EventSender
    from repartee.turn.assistant import Assistant
    from repartee.turn.persist import ExchangePersister
    from repartee.turn.turn import Turn

SLOW_PORTS: dict[str, WiringPart[Any]] = {
    "records": stores.records,
    "messages": stores.messages,
    "embedder": services.embedder,
    "coaching": stores.coaching,
    "knowledge": stores.knowledge,
    "desk_records": stores.desk_records,
    "desk_knowledge": stores.desk_knowledge,
    "memories": stores.memories,
    "workouts": stores.workouts,
}
"""The ports in front of which latencies are injected, by the names that the latencies have."""


class LocalWiring(Wiring):
    """`Wiring` for one machine. `taken` are the turns that were closed, in order; `recorder` notes what was
    called meanwhile, `live_turns` are the newest turns with all that is known of them.
    `chosen_assistants` names who answers in a room (by `room_key`) where it is not the channel's own."""

    def __init__(self, environment: Mapping[str, str], latencies: InjectedLatencies) -> None:
        super().__init__(environment)
        self._latencies = latencies
        self.taken: list[Turn] = []
        self.recorder = CallRecorder()
        self.live_turns = LiveTurns()
        self.chosen_assistants: dict[str, str] = {}
        for name, port in SLOW_PORTS.items():
            self.replace(port, partial(self._slow_port, name, port))
        self.replace(services.small_model, self._slow_small_model)
        self.replace(desk_events.event_sender, self._make_loopback_sender)
        self.replace(
            stores.vectors, lambda _: FolderVectors(cache_folder() / "vectors", SHIPPED_ROUTES_FOLDER)
        )
        self.replace(assistants.assistants, self._slow_assistants)
        self.replace(functions.choose_assistant, self._choose_assistant)
        self.replace(functions.observe_turn, self._observe_turn)
        self.replace(channels.receivers, self._record_receivers)
        self.replace(stores.inbox, self._record_inbox)
        self.replace(stores.wakes, self._record_wakes)
        self.replace(services.model, self._record_model)
        self.replace(assistants.exchange_persister, self._record_persister)

    def _make_loopback_sender(self, wiring: Wiring) -> EventSender:
        """Sends events to a receiver on this machine too, which no deployed function does."""
        from repartee.services.webhook_sender import HttpEventSender

        return HttpEventSender(wiring.get(process.clock), allows_loopback_http=True)

    def _record_receivers(self, wiring: Wiring) -> Mapping[str, Receiver]:
        made, names = channels.receivers.make(wiring), {"verify": "verify", "parse": "parse"}
        return {
            route: cast("Receiver", RecordedPort(receiver, names, self.recorder))
            for route, receiver in made.items()
        }

    def _record_inbox(self, wiring: Wiring) -> Inbox:
        return cast("Inbox", RecordedPort(stores.inbox.make(wiring), {"put": "store"}, self.recorder))

    def _record_wakes(self, wiring: Wiring) -> Wakes:
        return cast("Wakes", RecordedWakes(stores.wakes.make(wiring), self.recorder))

    def _record_model(self, wiring: Wiring) -> LanguageModel:
        return cast("LanguageModel", RecordedModel(services.model.make(wiring), self.recorder))

    def _record_persister(self, wiring: Wiring) -> ExchangePersister:
        made = assistants.exchange_persister.make(wiring)
        return cast("ExchangePersister", RecordedPort(made, {"persist": "persist"}, self.recorder))

    def _slow_port(self, name: str, port: WiringPart[Any], wiring: Wiring) -> Any:
        return SlowPort(name, port.make(wiring), self._latencies)

    def _slow_small_model(self, wiring: Wiring) -> SmallModel:
        return cast("SmallModel", SlowSmallModel(services.small_model.make(wiring), self._latencies))

    def _slow_assistants(self, wiring: Wiring) -> Mapping[str, Assistant]:
        """The assistants, the office's with a slow ERP, and their plans with a note of when they started."""
        made = assistants.assistants.make(wiring)
        slow = {name: with_slow_erp(assistant, self._latencies) for name, assistant in made.items()}
        return {name: self._with_recorded_plan(assistant) for name, assistant in slow.items()}

    def _with_recorded_plan(self, assistant: Assistant) -> Assistant:
        graph = WatchedGraph(assistant.graph, self.live_turns, self.recorder)
        return structs.replace(assistant, graph=cast("Graph", graph))

    def _choose_assistant(self, wiring: Wiring) -> Callable[[Incoming], Assistant]:
        choose, known = functions.choose_assistant.make(wiring), wiring.get(assistants.assistants)

        def choose_for_room(message: Incoming) -> Assistant:
            chosen = known.get(self.chosen_assistants.get(room_key(message), ""))
            return chosen or choose(message)

        return choose_for_room

    def _observe_turn(self, wiring: Wiring) -> Callable[[Turn], None]:
        observe = functions.observe_turn.make(wiring)

        def observe_and_keep(turn: Turn) -> None:
            observe(turn)
            self.taken.append(turn)
            self.live_turns.note_closed(turn)

        return observe_and_keep


def room_key(message: Incoming) -> str:
    """Returns the channel of a message, and what its platform calls the room."""
    return f"{message.channel}:{message.room.rpartition(':')[2]}"


def with_slow_erp(assistant: Assistant, latencies: InjectedLatencies) -> Assistant:
    """Returns the assistant with latencies in front of its ERP, if it has one."""
    erp_toolset = getattr(assistant.inputs, "erp_toolset", None)
    if erp_toolset is None:
        return assistant
    slow = SlowPort("erp_toolset", erp_toolset, latencies)
    return structs.replace(assistant, inputs=structs.replace(assistant.inputs, erp_toolset=slow))
