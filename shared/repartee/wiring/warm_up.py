"""Loads beside the start of a process, and before its snapshot, what its first message would wait for."""

from __future__ import annotations

import importlib
from contextlib import suppress
from threading import Thread

from repartee.errors import BackendError
from repartee.wiring import assistants, channels, process, services, stores
from repartee.wiring.container import Wiring, part

WARM_UP_JOIN_SECONDS = 5.0
"""How long the hook before a snapshot waits for the warm-up thread."""


@part
def warm_up_thread(wiring: Wiring) -> Thread:
    """Loads beside the start what a message would wait for: what the model's client makes for its first
    calls, the first connection to the messages store, the flags, and what the assistants load before their
    first turn."""
    thread = Thread(target=_warm_up, args=(wiring,), name="early", daemon=True)
    thread.start()
    return thread


def _warm_up(wiring: Wiring) -> None:
    settings = wiring.get(process.settings)
    if settings.flags_address:
        wiring.get(process.feature_flags).refresh()
    if wiring.has_made(services.openai_client):
        from repartee.services.openai.rehearsal import rehearse

        with suppress(BackendError):
            rehearse()
        _load_reports()
    with suppress(BackendError):  # what needs it tries again, and says what is wrong
        if settings.weaviate_url:
            wiring.get(stores.weaviate_connection).connect()
    importlib.import_module("snowballstemmer")  # words are searched by their stems
    known = wiring.get(assistants.assistants) if wiring.has_made(assistants.assistants) else {}
    for assistant in known.values():
        with suppress(BackendError):
            if assistant.warm_up:
                assistant.warm_up()


def _load_reports() -> None:
    """Imports what reports a turn when it is over."""
    importlib.import_module("repartee.turn.metrics")
    importlib.import_module("repartee.aws.metrics")


def _rehearse_words() -> None:
    """Reads a text for its days and its words, because the first makes patterns and stemmers."""
    from repartee.language.periods import find_period
    from repartee.stores.search_tokens import split_asked_tokens

    find_period("yesterday", 0.0)
    split_asked_tokens("yesterday")


def preload(wiring: Wiring) -> None:
    """Loads what is otherwise loaded when it is first used, before a snapshot is taken."""
    _load_reports()
    if wiring.has_made(channels.receivers):
        len(wiring.get(channels.receivers))  # makes those of every channel
    if wiring.has_made(warm_up_thread):
        _rehearse_words()
        wiring.get(warm_up_thread).join(WARM_UP_JOIN_SECONDS)  # nothing half connected goes into the snapshot
