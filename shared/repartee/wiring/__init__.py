"""Settings become connected objects: the one package that knows every concrete class.

A part is made when it is first asked for, and what it needs is imported then, so that a function loads only
what it uses. `container.py` says how parts are declared and replaced; `functions.py` has what each Lambda
function makes when it starts.
"""

from __future__ import annotations

import os
import random
from typing import Any

from snapshot_restore_py import register_after_restore, register_before_snapshot

from repartee.wiring.container import Wiring, WiringPart, part

__all__ = ["Wiring", "WiringPart", "current_wiring", "part", "set_wiring", "start_process"]

_current_wiring: list[Wiring] = []


def current_wiring() -> Wiring:
    """Returns the process's parts, made of its environment when they are first asked for."""
    if not _current_wiring:
        set_wiring(Wiring(os.environ))
    return _current_wiring[0]


def start_process(*parts: WiringPart[Any], has_threads: bool = True) -> None:
    """Makes these of the process's parts, now and whenever it is restored from a snapshot: then connections,
    settings and secrets of the process that was frozen are stale, and its random numbers everybody's.

    A function that takes one event at a time and starts no thread (`has_threads` is False) learns what its
    structs are made of when it first decodes them, and of those alone that it meets."""
    from repartee import gc_startup
    from repartee.frame_stack import call_with_stack_room

    try:
        call_with_stack_room(lambda: current_wiring().make_parts(*parts, has_threads=has_threads))
    finally:
        gc_startup.freeze_startup_objects()
    register_before_snapshot(_before_snapshot)
    register_after_restore(_after_restore, *parts)


def _before_snapshot() -> None:
    from repartee.struct_types import prepare_struct_types
    from repartee.wiring.warm_up import preload

    preload(current_wiring())
    prepare_struct_types()


def _after_restore(*parts: WiringPart[Any]) -> None:
    from repartee.wiring.process import aws_clients

    random.seed()
    renewed = Wiring(os.environ)
    renewed.put(aws_clients, current_wiring().get(aws_clients).with_new_connections())
    set_wiring(renewed)
    renewed.make_parts(*parts)


def set_wiring(wiring: Wiring) -> None:
    """Makes these the process's parts: a local stack's, or new ones after a restore from a snapshot."""
    _current_wiring[:] = [wiring]
