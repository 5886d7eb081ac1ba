"""Commands with `--local` find the local stack of their own checkout, also beside others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.caches import cache_folder
from support.local_settings import EARLIER_FILE, publish_local_settings, read_local_settings


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("LOCAL_PORT", raising=False)
    return tmp_path


def test_two_checkouts_have_a_stack_each() -> None:
    """The second that is started hides the first from nobody; when it ends, the first is still found."""
    first, second = Path("first"), Path("second")
    with publish_local_settings({"RECORDS_TABLE": "one"}, 3000, first):
        with publish_local_settings({"RECORDS_TABLE": "two"}, 3001, second):
            assert read_local_settings(checkout=first) == {"RECORDS_TABLE": "one"}
            assert read_local_settings(checkout=second) == {"RECORDS_TABLE": "two"}
        assert read_local_settings(checkout=first) == {"RECORDS_TABLE": "one"}
        with pytest.raises(FileNotFoundError, match="no local stack is up"):
            read_local_settings(checkout=second)


def test_of_two_stacks_of_a_checkout_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its port. Without one the ports are told, and no stack is taken for the other."""
    with publish_local_settings({"A": "1"}, 3000), publish_local_settings({"A": "2"}, 3001):
        with pytest.raises(FileNotFoundError, match="ports 3000, 3001: say which, as in LOCAL_PORT=3001"):
            read_local_settings()
        monkeypatch.setenv("LOCAL_PORT", "3001")
        assert read_local_settings() == {"A": "2"}
        with pytest.raises(FileNotFoundError, match="listens on port 3002"):
            read_local_settings("3002")


def test_a_stack_that_was_killed_is_none(cache: Path) -> None:
    """Its file is still there; its process is not."""
    with publish_local_settings({"A": "1"}, 3000):
        (file,) = cache_folder().iterdir()
        assert file.stat().st_mode & 0o077 == 0
        file.write_text(json.dumps({"process": 2**30, "settings": {"A": "1"}}))
        with pytest.raises(FileNotFoundError):
            read_local_settings()


def test_the_stack_of_a_version_before_is_found(cache: Path) -> None:
    """It has written one file for all checkouts."""
    cache_folder().mkdir(parents=True)
    (cache_folder() / EARLIER_FILE).write_text(json.dumps({"A": "1"}))

    assert read_local_settings() == {"A": "1"}
