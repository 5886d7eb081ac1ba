"""Commands end quietly, and the set-up does without pip where it can."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from support import environments
from support.commands import run_command
from support.environments import SetupFailed


@pytest.mark.parametrize(
    "failure, code", [(KeyboardInterrupt(), 130), (BrokenPipeError(), 141)], ids=["ctrl-c", "pipe"]
)
def test_an_interrupted_command_says_nothing(
    failure: BaseException, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C and a reader that has gone are no failures of ours: no traceback, and the shell's exit codes."""
    monkeypatch.setattr(sys, "stdout", sys.stdout)

    def fail() -> int:
        raise failure

    with pytest.raises(SystemExit) as ended:
        run_command(fail)

    assert ended.value.code == code
    assert capsys.readouterr().err == ""


@pytest.fixture
def python_without_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python as it is on a machine without pip, with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    python = tmp_path / "bare" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    return python


def test_without_pip_that_of_ensurepip_is_taken(
    python_without_pip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is installed apart, once, from what comes with Python: no network, nothing in the system."""
    pip = environments.find_pip()

    said = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("pip ")
    assert pip[0] != str(python_without_pip)
    assert environments.find_pip() == pip


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder is named, and what moves it; no traceback."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert environments.main(["--quiet"]) == 1

    told = capsys.readouterr().err
    assert str(tmp_path / "file") in told
    assert "XDG_CACHE_HOME" in told


def test_without_ensurepip_the_one_command_is_told(
    python_without_pip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian parts ensurepip from Python: the sentence names the package."""

    def fail(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, ["ensurepip"])

    monkeypatch.setattr(venv, "create", fail)

    with pytest.raises(SetupFailed, match=r"apt-get install python3\.\d+-venv"):
        environments.find_pip()
