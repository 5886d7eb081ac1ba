"""The documents of security and privacy promise nothing that no test holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("docs/security.md", "docs/privacy.md")
TEST_NAME = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", re.ASCII)


def _read(name: str) -> str:
    return (ROOT / name).read_text()


def _promises() -> dict[str, str]:
    """Returns the paragraphs of what is promised by their beginnings, and the sections of privacy by their
    titles."""
    promised = _read("docs/security.md").partition("## What is promised")[2].partition("\n## ")[0]
    found = {part.partition("**")[0]: part for part in re.split(r"^\*\*", promised, flags=re.MULTILINE)[1:]}
    sections = re.split(r"^## ", _read("docs/privacy.md"), flags=re.MULTILINE)[1:]
    return found | {part.partition("\n")[0]: part for part in sections}


@pytest.mark.parametrize("promise", _promises())
def test_each_promise_names_a_test(promise: str) -> None:
    """Every paragraph of promises, and every section of privacy."""
    assert TEST_NAME.search(_promises()[promise])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_named_test_exists(document: str) -> None:
    """The file, and in it the test, where one is named."""
    named = TEST_NAME.findall(_read(document))

    assert len(named) > 5
    for path, test in named:
        assert (ROOT / path).is_file(), path
        known = {one.name for one in ast.walk(ast.parse(_read(path))) if isinstance(one, ast.FunctionDef)}
        assert not test or test in known, f"{path}::{test}"
        assert any(name.startswith("test_") for name in known) or "RuleBasedStateMachine" in _read(path)
