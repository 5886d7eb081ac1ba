"""The stores that the contracts are run on: embedded ones, and the real servers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.message_stores import MessagesStore, OpenMessages, SqliteFile


@pytest.fixture(params=["sqlite"])
def messages_store(request: pytest.FixtureRequest, tmp_path: Path) -> MessagesStore:
    return SqliteFile(str(tmp_path / "messages.db"))


@pytest.fixture
def messages(messages_store: MessagesStore) -> Iterator[OpenMessages]:
    store = messages_store.open()
    yield store
    store.close()


@pytest.fixture
def room() -> str:
    """A room of a workspace of its own: nothing was ever said there."""
    return f"slack:T{uuid.uuid4().hex}:C1"
