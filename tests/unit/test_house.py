"""The rules of the house: sizes, names, imports and docstrings of everything that is shipped."""

from __future__ import annotations

import ast
import re
import statistics
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import grimp
import pytest

import repartee

ROOT = Path(__file__).parents[2]
SHARED_FOLDER = Path(str(repartee.__file__)).parent
CHANNELS_FOLDER = SHARED_FOLDER / "channels"
FILES = {path.relative_to(SHARED_FOLDER).as_posix(): path.read_text() for path in SHARED_FOLDER.rglob("*.py")}
TREES = {name: ast.parse(text) for name, text in FILES.items()}

MAX_FILE_LINES = 330
MAX_MEDIAN_FILE_LINES = 90
MAX_P90_FUNCTION_LINES = 12
LONG_FILES_LINES: dict[str, int] = {}
"""Files that may be longer than `MAX_FILE_LINES`, and how long: add none, and remove what is split."""

UNNAMED_NUMBERS_PATHS = ("channels/markdown.py", "channels/markup/", "services/documents/")
"""Where the names of numbers are not checked yet."""

UNIT_WORDS = (
    *("SECONDS", "SECOND", "MINUTE", "MICROSECONDS", "DAYS", "YEARS", "BYTES", "CHARS", "TOKENS", "PIXELS"),
    *("DOT", "NUMBER", "KIND", "MESSAGE", "REQUEST", "ROUTE", "PERSON", "PRICE", "SIDE", "CHANGE", "DELETE"),
    *(
        "FACTOR",
        "SHARE",
        "RATIO",
        "WEIGHT",
        "SCORE",
        "SIMILARITY",
        "BONUS",
        "COST",
        "CODE",
        "SUBCODE",
        "VERSION",
    ),
)
"""Words that say in what a number is measured or what kind of number it is."""

COUNTED_NOUN = re.compile(r"[A-Z0-9]{3,}(?<![SIU])S")
"""The plural of what is counted: MAX_TOOL_ROUNDS, MAX_STORED_EXCHANGES."""

BANNED_FIRST_WORDS = {"what", "what's", "whoever", "whatever", "somebody", "somebody's", "someone"}

CHANNELS = sorted(path.parent.name for path in CHANNELS_FOLDER.glob("*/receiver.py"))

CHANNEL_FILES = {
    f"{name}.py"
    for name in ("payloads", "receiver", "ids", "replies", "surface", "buttons", "downloads", "images")
}
PLATFORM_CLIENT_FILES = {"api.py", "attachments.py", "formatting.py"}
"""Files of a channel whose platform is called over the network and has markup and attachments of its own."""


def test_no_two_classes_share_a_name() -> None:
    """A class name means one thing in the whole package."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)

    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_a_number_says_what_it_counts_and_in_which_unit() -> None:
    """A module-level number has at least two words in its name, one of them a unit or a counted noun."""
    wrong = [
        f"{file}: {name}"
        for file, tree in TREES.items()
        if not file.startswith(UNNAMED_NUMBERS_PATHS)
        for name in number_names(tree)
        if not says_its_unit(name)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "name", ["LONGEST", "MOST", "PATIENCE", "PARTS", "SAMPLE_SIZE", "MAX_PROGRESS", "LONGEST_ANALYSIS"]
)
def test_a_number_without_a_unit_is_found(name: str) -> None:
    """A name that leaves the unit to the reader is refused."""
    assert not says_its_unit(name)


@pytest.mark.parametrize("name", ["MAX_REPLY_TOKENS", "QUIET_SECONDS", "MAX_TOOL_ROUNDS", "MIN_ENTITY_SCORE"])
def test_a_number_with_its_unit_passes(name: str) -> None:
    """A name that says noun and unit is accepted."""
    assert says_its_unit(name)


def test_imports_make_no_circle_even_for_type_checking() -> None:
    """No module imports itself by way of others, imports under `TYPE_CHECKING` included."""
    graph = grimp.build_graph("repartee", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    assert sum(map(len, imports.values())) > len(imports)
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_files_are_small() -> None:
    """No file is longer than 330 lines, and half of them are no longer than 90."""
    lengths = {name: text.count("\n") for name, text in FILES.items()}
    long_files = {
        name: length
        for name, length in lengths.items()
        if length > LONG_FILES_LINES.get(name, MAX_FILE_LINES)
    }

    assert long_files == {}
    assert statistics.median(lengths.values()) <= MAX_MEDIAN_FILE_LINES


def test_functions_are_short() -> None:
    """Nine of ten functions have no more than 12 lines of code."""
    lengths = sorted(
        code_lines(node, FILES[name].splitlines())
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert lengths[len(lengths) * 9 // 10] <= MAX_P90_FUNCTION_LINES


def test_docstrings_say_what_the_code_does() -> None:
    """A docstring begins with a verb or names the thing: not with "What …", "Whoever …" or "Somebody …"."""
    tools = [*(ROOT / "scripts").rglob("*.py"), *(ROOT / "tests/support").rglob("*.py")]
    trees = TREES | {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in tools}
    wrong = [
        f"{file}: {docstring.splitlines()[0]}"
        for file, tree in trees.items()
        for docstring in docstrings(tree)
        if docstring.split()[0].strip("`*,.:").lower() in BANNED_FIRST_WORDS
    ]

    assert wrong == []


def test_import_contracts_name_packages_that_exist() -> None:
    """Each module that a contract of import-linter names can be imported."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [layer for one in contracts for group in one.get("layers", ()) for layer in group.split("|")]
    named = {f"repartee.{layer.strip()}" for layer in layers} | {
        module
        for one in contracts
        for key in ("source_modules", "forbidden_modules")
        for module in one.get(key, ())
    }

    assert {module for module in named if find_spec(module) is None} == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_has_the_same_files(channel: str) -> None:
    """Each channel folder holds the same files, so that a reader of one finds their way in the others."""
    expected = CHANNEL_FILES if channel == "web" else CHANNEL_FILES | PLATFORM_CLIENT_FILES
    present = {path.name for path in (CHANNELS_FOLDER / channel).glob("*.py")}

    assert expected - present == set()


def test_every_channel_is_checked() -> None:
    """Every folder with a receiver is a channel: those of today are among them."""
    assert {"slack", "telegram", "whatsapp", "web"} <= set(CHANNELS)


def says_its_unit(name: str) -> bool:
    """Returns whether a number's name has at least two words, the last or one of them a unit."""
    words = name.strip("_").split("_")
    return len(words) > 1 and any(word in UNIT_WORDS or COUNTED_NOUN.fullmatch(word) for word in words)


def number_names(tree: ast.Module) -> Iterator[str]:
    """Yields the names of a module's numbers."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and is_number(node.value):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def is_number(node: ast.expr) -> bool:
    """Returns whether an expression is made of numbers alone."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    return isinstance(node, ast.BinOp) and is_number(node.left) and is_number(node.right)


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Yields the docstrings of a module, its classes and functions, and of its variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = node.value.value
            if isinstance(text, str) and text.strip():
                yield text


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Returns how many lines of code a function's body has, without its docstring and empty lines."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return sum(1 for line in lines[body[0].lineno - 1 : function.end_lineno] if line.strip()) if body else 0
