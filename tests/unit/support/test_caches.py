"""What is dear to make is made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.caches import CHECKOUT_CACHE, cache_folder, find_cached, make_once


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_made_once_for_all() -> None:
    """Whoever asks at the same time gets the same folder, and it was made one time."""
    made: list[Path] = []

    with ThreadPoolExecutor(4) as askers:
        folders = set(askers.map(lambda _: make_once("tool-1", made.append), range(4)))

    assert list(folders) == made
    assert find_cached("tool-1") == made[0]


def test_interrupted_is_made_again() -> None:
    """What was not made to its end does not count, and nothing of it is left in the next."""

    def interrupted(folder: Path) -> None:
        (folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_once("tool-1", interrupted)
    assert find_cached("tool-1") is None

    folder = make_once("tool-1", lambda folder: (folder / "whole").touch())

    assert [path.name for path in sorted(folder.iterdir())] == [".whole", "whole"]


def test_a_home_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cached goes into the checkout then, so that a first run works without a home folder."""
    (tmp_path / "home").touch()
    monkeypatch.delenv("XDG_CACHE_HOME")

    for home in ("home", "home/of/nobody"):
        monkeypatch.setenv("HOME", str(tmp_path / home))
        assert cache_folder() == CHECKOUT_CACHE


def test_a_home_that_can_be_written_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All checkouts share it."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert cache_folder() == tmp_path / ".cache" / "repartee"
