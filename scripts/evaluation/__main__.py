"""The command scripts/evaluate: runs conversations against two versions and shows what changed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benches.support.bars import missed_bars
from evaluation.comparison import MAX_PROMPT_TOKENS, compare_versions
from evaluation.judging import make_judge
from evaluation.pages import render_page, render_terminal
from evaluation.recorded import find_recordings, write_conversations
from evaluation.versions import InvalidVersion, parse_version, run_version
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from support.environments import ROOT
from support.suggestions import CommandParser

DESCRIPTION = """\
Runs conversations (by default those of tests/conversations/office) against two versions, and shows what
changed: route, what was retrieved, size of the prompt, tools, reply, time and cost. The second version is
held to absolute bars; one that is missed ends in the exit code 1.

A version is written as parts separated by commas: a commit, settings, a file of routes, a file of
instructions.

  scripts/evaluate ""                                   no comparison: only the bars
  scripts/evaluate commit=HEAD~1                        the commit before, and the files as they are
  scripts/evaluate "" routes=routes.toml --page out.html   the same with other routes
  scripts/evaluate MODEL=one MODEL=other --real --judge MODEL   two models; OPENAI_API_KEY pays for it

  scripts/evaluate commit=HEAD~1 --recordings slack:T1:C0GENERAL      recorded turns of a room

Recorded turns are replayed: nothing is delivered to a platform, no tool is run, and each gives the model what
it gave when it was recorded.

Without --real the model says what the conversation's file or the recording says, and times are those of the
injected latencies.
"""

CONVERSATIONS_FOLDER = ROOT / "tests" / "conversations" / "office"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Returns the exit code: 1 if a bar is missed, 2 if a version cannot be run."""
    asked = _parser().parse_args(arguments)
    try:
        versions = parse_version(asked.before), parse_version(asked.after)
        with TemporaryDirectory() as folder:
            paths = _find_conversations(asked, Path(folder))
            after = run_version(versions[1], paths, real_model=asked.real)
            is_one = versions[0] == versions[1]
            before = after if is_one else run_version(versions[0], paths, real_model=asked.real)
    except InvalidVersion as problem:
        print(f"scripts/evaluate: {problem}", file=sys.stderr)
        return 2
    judge = make_judge(asked.judge) if asked.judge else None
    names = versions[0].name, versions[1].name
    max_tokens = DEFAULT_PROMPT_TOKENS if asked.recordings else MAX_PROMPT_TOKENS
    comparison = compare_versions(before, after, judge, max_tokens)
    if asked.page:
        Path(asked.page).write_text(render_page(comparison, names))
    print(
        json.dumps(msgspec.to_builtins(comparison), indent=1)
        if asked.json
        else render_terminal(comparison, names)
    )
    missed = missed_bars({"bars": comparison.bars})
    for bar in missed:
        print(f"missed: {bar['name']}: {bar['value']:g} where {bar['bar']:g} is allowed", file=sys.stderr)
    return 1 if missed else 0


def _find_conversations(asked: argparse.Namespace, folder: Path) -> list[Path]:
    """Returns the files of what was asked for; recordings become conversations in the folder."""
    if asked.recordings:
        return write_conversations(find_recordings(asked.recordings, asked), folder)
    return sorted(path.resolve() for given in asked.conversations for path in _find_files(Path(given)))


def _find_files(given: Path) -> list[Path]:
    if given.is_dir():
        return sorted(given.rglob("*.yaml"))
    if not given.is_file():
        raise InvalidVersion(f"there is no conversation {given}")
    return [given]


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "scripts/evaluate", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", help='the first version, such as commit=main; "" for the files as they are')
    parser.add_argument("after", nargs="?", default="", help="the second version (the files as they are)")
    parser.add_argument(
        "--conversations",
        nargs="+",
        default=[str(CONVERSATIONS_FOLDER)],
        metavar="PATH",
        help="files or folders of conversations",
    )
    parser.add_argument(
        "--recordings",
        metavar="FILE|ROOM",
        help="instead, recorded turns: a file of scripts/recordings export, or a room of the stack",
    )
    parser.add_argument("--stack", default="repartee", help="the deployed stack of the room (%(default)s)")
    parser.add_argument("--local", action="store_true", help="the room is of the stack of scripts/serve")
    parser.add_argument(
        "--real", action="store_true", help="ask the real models of the settings (OPENAI_API_KEY)"
    )
    parser.add_argument(
        "--judge",
        metavar="MODEL",
        default=os.environ.get("EVALUATION_JUDGE", ""),
        help="the model that judges replies that differ",
    )
    parser.add_argument("--page", metavar="FILE", help="write the comparison as an HTML page, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
