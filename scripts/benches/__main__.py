"""The command scripts/bench: finds the bench of that name, runs it, prints a table or one JSON object."""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benches.load_test.options import add_options
from benches.support.bars import missed_bars
from support.environments import SetupFailed
from support.suggestions import CommandParser

STDOUT_FILE_NUMBER, STDERR_FILE_NUMBER = 1, 2


def main() -> int:
    """Run the command; 0 if every bar is met."""
    parser = _parser()
    options = parser.parse_args()
    bench = importlib.import_module(f"benches.{options.name}")
    chosen = {name: value for name, value in vars(options).items() if value and name not in ("name", "json")}
    if unknown := chosen.keys() - inspect.signature(bench.measure).parameters:
        parser.error(f"the bench {options.name} has no --{' and no --'.join(sorted(unknown))}")
    try:
        with _stdout_to_stderr():
            result = bench.measure(**chosen)
    except SetupFailed as failure:
        print(f"scripts/bench: {failure}", file=sys.stderr)
        return 1
    print(json.dumps(result, indent=1) if options.json else bench.table(result))
    for bar in missed_bars(result):
        print(f"missed: {bar['name']}: {bar['value']:g} where {bar['bar']:g} is allowed", file=sys.stderr)
    return 1 if missed_bars(result) else 0


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Sends what is written to standard output meanwhile, by child processes too, to standard error: logs are
    no part of the result."""
    sys.stdout.flush()
    kept = os.dup(STDOUT_FILE_NUMBER)
    os.dup2(STDERR_FILE_NUMBER, STDOUT_FILE_NUMBER)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, STDOUT_FILE_NUMBER)
        os.close(kept)


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "scripts/bench",
        description="Measures a part of Repartee and holds it to its bars.",
        epilog="\n".join(f"{name:<10} {about}" for name, about in _find_benches().items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "name", choices=list(_find_benches()), metavar="NAME", help="what to measure, of those below"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument(
        "--before", metavar="COMMIT", help="measure this commit in the same run (answer, cold, load)"
    )
    parser.add_argument(
        "--invoked", action="store_true", help="measure turns that the webhook invokes, too (answer)"
    )
    parser.add_argument("--messages", type=int, metavar="N", help="messages of each subject (answer)")
    add_options(parser)
    return parser


def _find_benches() -> dict[str, str]:
    """Each bench's name and the first line of its docstring, without importing any."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return {file.stem: _first_line(file) for file in files if "\ndef measure(" in file.read_text()}


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]


if __name__ == "__main__":
    from repartee.plan import run_main

    run_main(main)
