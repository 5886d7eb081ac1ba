"""The versions that are compared: a commit, and what is set otherwise in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from repartee.setting_types import Setting
from repartee.settings import Settings
from support.environments import ROOT

RUNNER_FILE = Path(__file__).with_name("run_version.py")

ConversationSteps = Mapping[str, Sequence[Mapping[str, Any]]]
"""The outcome of each step of each conversation."""


class InvalidVersion(Exception):
    """A version is not as it must be written, or cannot be run; the text says what to change."""


class Version(msgspec.Struct, frozen=True):
    """A version: its commit (none: the files as they are), its settings, and files that stand for its routes
    and for the office assistant's instructions."""

    name: str
    commit: str = ""
    settings: Mapping[str, str] = {}
    routes_file: str = ""
    prompt_file: str = ""


def parse_version(written: str) -> Version:
    """Returns the version that is written as `commit=HEAD~1,MODEL=gpt-5-mini,routes=FILE,prompt=FILE`, each
    part optional. Raises `InvalidVersion`."""
    known = {setting.name for setting in vars(Settings).values() if isinstance(setting, Setting)}
    named: dict[str, str] = {}
    for part in filter(None, written.split(",")):
        name, equals, value = part.partition("=")
        if not equals or (name not in ("commit", "routes", "prompt") and name not in known):
            raise InvalidVersion(f"{part}: write commit=, routes=, prompt= or a setting's name and its value")
        named[name] = value
    files = {name: str(Path(named.pop(name)).resolve()) for name in ("routes", "prompt") if name in named}
    for file in files.values():
        if not Path(file).is_file():
            raise InvalidVersion(f"there is no file {file}")
    commit = named.pop("commit", "")
    return Version(written or "as it is", commit, named, files.get("routes", ""), files.get("prompt", ""))


def run_version(version: Version, conversations: Sequence[Path], *, real_model: bool) -> ConversationSteps:
    """Returns what the version makes of the conversations. Raises `InvalidVersion`."""
    with _checked_out(version.commit) as folder:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, (folder / "scripts", folder / "shared", folder))),
            "EVALUATION_SETTINGS": json.dumps(dict(version.settings)),
            "EVALUATION_ROUTES": version.routes_file,
            "EVALUATION_PROMPT": version.prompt_file,
            "OMP_NUM_THREADS": "1",  # a process for each core
            "EVALUATION_MODEL": "real" if real_model else "",
        }
        shares = [share for share in _share_out(conversations) if share]
        with ThreadPoolExecutor(len(shares) or 1) as pool:
            ran = list(pool.map(lambda share: _run_share(share, folder, environment, version.name), shares))
    found = {name: steps for share in ran for name, steps in share.items()}
    return {str(path): found[str(path)] for path in conversations}


def _share_out(conversations: Sequence[Path]) -> list[Sequence[Path]]:
    """Returns the conversations in as many shares as there are cores, so that each has some of the long
    ones."""
    number = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    return [conversations[first :: number or 1] for first in range(number or 1)]


def _run_share(
    conversations: Sequence[Path], folder: Path, environment: Mapping[str, str], name: str
) -> ConversationSteps:
    """Runs conversations in a process of the version."""
    ran = subprocess.run(
        [sys.executable, "-P", RUNNER_FILE, *map(str, conversations)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise InvalidVersion(f"{name} cannot be run: {ran.stderr.strip().splitlines()[-1:]}")
    steps: ConversationSteps = json.loads(ran.stdout.splitlines()[-1])
    return steps


@contextmanager
def _checked_out(commit: str) -> Iterator[Path]:
    """Yields the folder of the commit's files, for as long as they are used."""
    if not commit:
        yield ROOT
        return
    with TemporaryDirectory() as parent:
        folder = Path(parent) / "version"
        added = subprocess.run(
            ["git", "worktree", "add", "--detach", str(folder), commit],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if added.returncode:
            raise InvalidVersion(f"{commit} cannot be checked out: {added.stderr.strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(folder)], cwd=ROOT, check=False)
