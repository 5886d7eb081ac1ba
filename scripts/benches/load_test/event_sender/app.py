"""The function that sends desks' events, with a receiver on this machine, as no deployed one has it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import repartee
from repartee.services.webhook_sender import HttpEventSender
from repartee.wiring import Wiring, desk_events, process

if TYPE_CHECKING:
    from repartee.ports.outbox import EventSender

DEPLOYED = Path(repartee.__file__).parents[2] / "functions" / "desk_event_send" / "app.py"


def make_loopback_sender(wiring: Wiring) -> EventSender:
    """Sends events to this machine too."""
    return HttpEventSender(wiring.get(process.clock), allows_loopback_http=True)


desk_events.event_sender.make = make_loopback_sender  # a restored process has new parts, made so too
found = importlib.util.spec_from_file_location("deployed_sender", DEPLOYED)
assert found
assert found.loader
deployed = importlib.util.module_from_spec(found)
found.loader.exec_module(deployed)
handler = deployed.handler
