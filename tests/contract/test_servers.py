"""The real servers: each starts on this machine alone, answers, and is gone when it is stopped."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from support import servers


@pytest.mark.parametrize("name", servers.SERVER_KINDS)
def test_started_and_stopped(name: str) -> None:
    """A server of one's own answers at its address, and leaves nothing behind."""
    if lack := servers.why_unavailable(name):
        pytest.skip(reason=lack)

    with servers.start_server(name) as server:
        ready = server.url + servers.SERVER_KINDS[name].ready
        assert _status(ready) < 500
        assert server.url in server.exported_settings.values()

    assert not server.is_running()
    assert not Path(server.folder).exists()


def test_used_while_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One that is kept up is used and left up; when none is, one is started for the time of its use."""
    monkeypatch.setenv(servers.KEPT_SERVERS_SETTING, str(tmp_path / "servers.json"))

    kept = servers.start_kept_server("moto")
    with servers.use_server("moto") as used:
        assert used == kept
    assert kept.is_running()

    assert servers.stop_kept_server("moto")
    assert not kept.is_running()
    with servers.use_server("moto") as own:
        assert own.pid != kept.pid
    assert not own.is_running()


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
