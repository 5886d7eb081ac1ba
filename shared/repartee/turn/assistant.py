"""An assistant, as a turn sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from repartee.domain.message import ButtonPress, Exchange
from repartee.plan import Graph


class Assistant(msgspec.Struct, frozen=True):
    """An assistant: its plan, and the ports that go into it beside the turn's own.

    The turn's own are `turn` (its id), `asked` (the messages), `recent` (the exchanges that are not yet
    remembered), `sign`, which shows that an answer is on its way, `tell`, which shows what goes on, and
    `propose`, by which something is shown after the reply, to be approved.
    The plan's targets are `standing` and `prompt`, and, where it has them, `afterwards` (duties), `pictures`,
    which go with the reply, and `heard`: the messages as they are to be remembered, where somebody spoke
    instead of writing.

    `decided` carries out what a person decided, and gives the words that tell so; it may be called again for
    the same press, and must then tell the same. `remember` keeps of an exchange what the messages store
    does not; it may be called again too.
    """

    name: str
    graph: Graph
    ports: Mapping[str, Any]
    resolve_press: Callable[[ButtonPress], str] | None = None
    on_exchange: Callable[[Exchange], None] | None = None
