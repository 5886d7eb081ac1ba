"""The documents: their samples run, and their links, paths and commands exist."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from repartee import assistants
from repartee.channels.delivery import Surface
from repartee.domain.message import Message
from repartee.ports.channels import Receiver, ReplySender
from repartee.wiring import platforms
from tests.support.inbox_builders import make_message

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "scripts").rglob("README.md")])
COMMAND = re.compile(r"(?:^|[`(\s])scripts/(?P<name>[a-z]+)(?=[\s`)]|$)", re.MULTILINE)
MODULE_PATH = re.compile(r"`(?P<path>[a-z_]+(?:/[a-z_*]+)+\.(?:py|toml|yaml|md))`")
CODE_FOLDERS = ("", "shared/repartee", "scripts", "docs", "tests")


@pytest.fixture
def porter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The assistant of docs/making-an-assistant.md, written to a folder as the page says."""
    folder = tmp_path / "porter"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for path, code in samples("making-an-assistant.md"):
        with (folder / path.rpartition("/")[2]).open("a") as file:
            file.write(code)
    monkeypatch.setattr(assistants, "__path__", [*assistants.__path__, str(tmp_path)])
    yield importlib.import_module("repartee.assistants.porter.plan")
    for name in [name for name in sys.modules if name.startswith("repartee.assistants.porter")]:
        del sys.modules[name]


def ask(porter: ModuleType, text: str) -> Any:
    """Returns the prompt of the porter for a message with this text."""
    message: Message = make_message(text)
    known = porter.known_hours((message,)) if porter.is_about_hours(porter.route((message,))) else None
    return porter.prompt((message,), known, ())


def test_the_assistant_of_the_page_can_be_built(porter: ModuleType) -> None:
    """The page's plan meets the contract of a turn, and its steps are the page's."""
    graph = porter.build_graph()

    assert {"chat_state", "route", "known_hours", "tools", "prompt"} <= {step.name for step in graph.steps}
    assert importlib.import_module("repartee.assistants.porter.assistant").make_assistant


def test_the_assistant_of_the_page_gives_its_model_the_hours(porter: ModuleType) -> None:
    """A question about opening hours puts them into the prompt; another question does not."""
    assert "Monday to Friday" in ask(porter, "When does Lisbon open?").context
    assert ask(porter, "Is there coffee?").context == ""


def test_the_step_of_the_page_can_be_added(porter: ModuleType, tmp_path: Path) -> None:
    """The steps of docs/adding-a-step.md fit the plan of the page before, and run: those of the plan in its
    module, the others in a file that imports all that it needs."""
    for path, code in samples("adding-a-step.md"):
        if path.endswith("porter/plan.py"):
            exec(compile(code, "adding-a-step.md", "exec"), vars(porter))
        else:
            (tmp_path / path.rpartition("/")[2]).write_text(code)

    assert porter.context("Lisbon: 9 to 18", "Portuguese").endswith("Answer in Portuguese.")
    steps = {step.name for step in porter.porter_plan.build(("context", "room_topic")).steps}
    assert {"language", "context", "room_topic"} <= steps


def test_the_channel_of_the_page_has_what_a_channel_needs() -> None:
    """The classes of docs/adding-a-channel.md have every method of their protocols, with its parameters."""
    world: dict[str, Any] = {}
    for _, code in samples("adding-a-channel.md"):
        exec(compile(code, "adding-a-channel.md", "exec"), world)

    for name, protocol in (
        ("MatrixReceiver", Receiver), ("MatrixSurface", Surface), ("MatrixReplies", ReplySender),
        ("MatrixPlatform", platforms.Platform),
    ):  # fmt: skip
        for method, promised in inspect.getmembers(protocol, inspect.isfunction):
            if not method.startswith("_"):
                made = getattr(world[name], method)
                assert [*inspect.signature(made).parameters] == [*inspect.signature(promised).parameters]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_sample_compiles(page: Path) -> None:
    """Each Python sample of each page is valid."""
    for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
        compile(code, page.name, "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_path_leads_somewhere(page: Path) -> None:
    """Links between pages, and paths of files that a page names, exist."""
    text = page.read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    paths = [found["path"] for found in MODULE_PATH.finditer(text) if "matrix" not in found["path"]]
    paths = [path for path in paths if "/porter/" not in path]

    assert [link for link in links if link and not (page.parent / link).exists()] == []
    assert [
        path for path in paths if not any(any(ROOT.glob(f"{at}/{path}".strip("/"))) for at in CODE_FOLDERS)
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page: Path) -> None:
    """Each `scripts/…` that a page names is a command in the repository."""
    named = {found["name"] for found in COMMAND.finditer(page.read_text())}

    assert {name for name in named if not (ROOT / "scripts" / name).exists()} == set()


@pytest.mark.parametrize(
    "command", sorted(path.name for path in (ROOT / "scripts").iterdir() if path.is_file())
)
def test_every_option_exists(command: str) -> None:
    """Each option with which a page calls a command is one that its help lists."""
    calls = re.compile(rf"scripts/{command}\b(?P<arguments>[^`\n|#]*)")
    named = {
        option
        for page in PAGES
        for found in calls.finditer(page.read_text())
        for option in re.findall(
            r"(?<!\S)--[a-z][a-z-]+", re.sub("\"[^\"]*\"|'[^']*'", "", found["arguments"])
        )
    }
    if named:
        shown = subprocess.run(
            [ROOT / "scripts" / command, "--help"], capture_output=True, text=True, check=True, timeout=60
        )
        assert {option for option in named if option not in shown.stdout} == set()


def exists(path: str) -> bool:
    """Returns whether a path leads to a file, from the root or from one of the folders of code."""
    return any(any(ROOT.glob(f"{folder}/{path}".strip("/"))) for folder in CODE_FOLDERS)


def samples(page: str) -> list[tuple[str, str]]:
    """Returns the Python samples of a page, each with the path that its first line names."""
    text = (ROOT / "docs" / page).read_text()
    blocks: list[tuple[str, str]] = re.findall(
        r"```python\n# (\S+?),?(?: [^\n]*)?\n(.*?)```", text, re.DOTALL
    )
    assert blocks
    return blocks
