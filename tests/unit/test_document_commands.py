"""Each command in a document is run by a test, or its block says that it needs an account."""

from __future__ import annotations

import re

import pytest

from local.sample_events import samples
from support import settings_page
from tests.support.document_commands import (
    ROOT,
    DocumentCommand,
    list_commands,
    list_inline_events,
    strip_comment,
)

README_ROWS = "tests/integration/test_readme.py::test_a_row_of_the_readme_answers"
RUN_BY = {
    "scripts/run": "tests/integration/test_run_command.py::test_the_screen_fits_sixty_columns",
    "scripts/test": "tests/unit/support/test_lanes_command.py::test_one_file_runs_alone",
    "scripts/setup": "tests/unit/support/test_commands.py::test_a_folder_that_cannot_be_written_is_told",
    "scripts/lint --fix": "tests/unit/support/test_lanes_command.py::test_lint_puts_right_what_it_can",
    "scripts/bench NAME": (
        "tests/unit/support/test_bench_command.py::test_json_is_one_object_and_nothing_else"
    ),
    "scripts/serve": "tests/unit/support/test_suggestions.py::test_ctrl_c_ends_serve_quietly",
    'scripts/run --assistant porter --say "When does Lisbon open?"': (
        "tests/unit/test_docs.py::test_the_assistant_of_the_page_gives_its_model_the_hours"
    ),
    "scripts/run [row of the README]": README_ROWS,
}
"""The test that runs each command."""

COMMANDS = list(list_commands())


def name_of(command: DocumentCommand) -> str:
    """Returns the command as the list has it. The README's rows of scripts/run are one entry."""
    is_row = command.document == "README.md" and command.line.startswith("scripts/run --")
    if is_row or re.match(r"scripts/run [a-z]+/", command.line):
        return "scripts/run [row of the README]"
    return command.line


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.document}: {command.line}"[:90])
def test_every_command_is_run_by_a_test(command: DocumentCommand) -> None:
    """Or its block begins with the account that it needs. A new command without either fails here."""
    assert command.needs_account or name_of(command) in RUN_BY, (
        f"{command.document} has `{command.line}`: name the test that runs it, or begin its block with "
        "'# needs an account: …'"
    )


@pytest.mark.parametrize("command, test", sorted(RUN_BY.items()))
def test_the_named_tests_exist(command: str, test: str) -> None:
    """The file has a test of that name; no entry outlives its command."""
    file, _, name = test.partition("::")

    assert f"def {name}(" in (ROOT / file).read_text()
    assert command in {name_of(one) for one in COMMANDS}


@pytest.mark.parametrize("document, event", sorted(set(list_inline_events())))
def test_events_in_sentences_exist(document: str, event: str) -> None:
    """What a sentence tells the reader to run is one of the sample events."""
    assert samples.find_event(event)


def test_a_comment_is_no_part_of_a_command() -> None:
    """What stands behind a # is for the reader."""
    assert strip_comment("scripts/run     # shows what happens") == "scripts/run"
    assert strip_comment("# needs an account: AWS") == ""


def test_the_page_of_settings_is_up_to_date() -> None:
    """`scripts/settings --write` makes docs/settings.md as it is."""
    made = settings_page.render_page((ROOT / "template.yaml").read_text())

    assert settings_page.PAGE.read_text() == made
