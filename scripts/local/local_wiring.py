"""The local stack's parts: Repartee's own, with latencies in front of the stores and an eye on the turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from msgspec import structs

from local.latency import InjectedLatencies, SlowPort, SlowSmallModel
from local.vector_folder import SHIPPED_ROUTES_FOLDER, FolderVectors
from repartee.wiring import Wiring, WiringPart, assistants, functions, services, stores
from support.caches import cache_folder

if TYPE_CHECKING:
    from repartee.ports import SmallModel
    from repartee.turn.assistant import Assistant
    from repartee.turn.turn import Turn


SLOW_PORTS: dict[str, WiringPart[Any]] = {
    "records": stores.records,
    "messages": stores.messages,
    "embedder": services.embedder,
    "coaching": stores.coaching,
    "knowledge": stores.knowledge,
    "memories": stores.memories,
    "workouts": stores.workouts,
}
"""The ports in front of which latencies are injected, by the names that the latencies have."""


class LocalWiring(Wiring):
    """`Wiring` for one machine. `taken` are the turns that were closed, in order."""

    def __init__(self, environment: Mapping[str, str], latencies: InjectedLatencies) -> None:
        super().__init__(environment)
        self._latencies = latencies
        self.taken: list[Turn] = []
        for name, port in SLOW_PORTS.items():
            self.replace(port, partial(self._slow_port, name, port))
        self.replace(services.small_model, self._slow_small_model)
        self.replace(
            stores.vectors, lambda _: FolderVectors(cache_folder() / "vectors", SHIPPED_ROUTES_FOLDER)
        )
        self.replace(assistants.assistants, self._slow_assistants)
        self.replace(functions.observe_turn, self._observe_turn)

    def _slow_port(self, name: str, port: WiringPart[Any], wiring: Wiring) -> Any:
        return SlowPort(name, port.make(wiring), self._latencies)

    def _slow_small_model(self, wiring: Wiring) -> SmallModel:
        return cast("SmallModel", SlowSmallModel(services.small_model.make(wiring), self._latencies))

    def _slow_assistants(self, wiring: Wiring) -> Mapping[str, Assistant]:
        """The assistants, the office's with a slow ERP."""
        made = assistants.assistants.make(wiring)
        return {name: with_slow_erp(assistant, self._latencies) for name, assistant in made.items()}

    def _observe_turn(self, wiring: Wiring) -> Callable[[Turn], None]:
        observe = functions.observe_turn.make(wiring)

        def observe_and_keep(turn: Turn) -> None:
            observe(turn)
            self.taken.append(turn)

        return observe_and_keep


def with_slow_erp(assistant: Assistant, latencies: InjectedLatencies) -> Assistant:
    """Returns the assistant with latencies in front of its ERP, if it has one."""
    erp_toolset = getattr(assistant.inputs, "erp_toolset", None)
    if erp_toolset is None:
        return assistant
    slow = SlowPort("erp_toolset", erp_toolset, latencies)
    return structs.replace(assistant, inputs=structs.replace(assistant.inputs, erp_toolset=slow))
