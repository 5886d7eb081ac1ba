"""The command scripts/test: every lane that can run here, and why another cannot."""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from . import containers, emulator, lint, model_server, sam, servers
from .environments import ROOT
from .suggestions import CommandParser

DESCRIPTION = """Runs the tests of the named lanes; by default every lane that can run here except "load",
which takes the machine for two minutes, and "local", which needs containers. Names each lane whose server or
tool is missing, with the reason; with CI=true that is a failure. Arguments after "--" go to pytest; a file or
folder of tests there runs alone.
With --repeat a lane runs again and again, and the failures are counted by test."""


@dataclass(frozen=True)
class Lane:
    """A kind of test: where its tests are, and what they need of the machine."""

    name: str
    folders: tuple[str, ...]
    servers: tuple[str, ...] = ()
    missing: Callable[[], str | None] = lambda: None
    asked_for: bool = False  # it runs only when it is named

    def missing_requirements(self) -> list[str]:
        """Returns what the lane needs and does not find, a sentence each."""
        found = [self.missing(), *map(servers.why_unavailable, self.servers)]
        return [lack for lack in found if lack]

    def tests(self) -> list[str]:
        """Its folders that hold tests."""
        return [folder for folder in self.folders if any((ROOT / folder).rglob("test_*.py"))]


def _why_no_load() -> str | None:
    """Returns why the load bench cannot run, or None. It starts servers of its own."""
    return servers.why_unavailable("dynamodb") or servers.why_unavailable("elasticmq")


LANES = {
    lane.name: lane
    for lane in (
        Lane("unit", ("tests/unit", "tests/property", "tests/conversations")),
        Lane("security", ("tests/security",), servers=("dynamodb", "moto")),
        Lane("contract", ("tests/contract", "tests/faults"), servers=tuple(servers.SERVER_KINDS)),
        Lane("integration", ("tests/integration",), servers=("moto",)),
        Lane("template", ("tests/template",), missing=sam.why_unavailable),
        Lane("runtime", ("tests/runtime",), missing=emulator.why_unavailable),
        Lane("model", ("tests/model",), missing=model_server.missing),
        Lane("load", ("tests/load",), missing=_why_no_load, asked_for=True),
        Lane("local", ("tests/local_invoke",), missing=containers.why_unavailable, asked_for=True),
    )
}
LINT = "lint"

PARALLEL_OPTIONS = ("-n", "2", "--dist", "worksteal")
"""Two processes, each of which begins with half of the tests in their order. Who is done takes from the end
of the other's: so what a module's tests share is seldom made twice."""


@dataclass
class ResultCount:
    """How many checks and tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        """Returns the plain closing line."""
        rest = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{rest}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    cut = given.index("--") if "--" in given else len(given)
    all_that_run = [LINT, *(name for name, lane in LANES.items() if not lane.asked_for)]
    parsed = _parser().parse_args(given[:cut])
    names = parsed.lanes or all_that_run
    if unknown := [name for name in names if name not in (LINT, *LANES)]:
        print(f"no such lane: {', '.join(unknown)}; there are {LINT}, {', '.join(LANES)}", file=sys.stderr)
        return 2
    lanes = [LANES[name] for name in names if name != LINT]
    count = ResultCount()
    if LINT in names:
        _run_lint(count)
    failures = Counter[str]()
    for number in range(parsed.repeat):
        if parsed.repeat > 1:
            print(f"\nrun {number + 1} of {parsed.repeat}", flush=True)
        _run_pytest(lanes, given[cut + 1 :], count, failures)
    _name_missing(lanes, count)
    if parsed.repeat > 1:
        _print_failures(failures, parsed.repeat)
    print(f"\n{count}")
    return 1 if count.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser("scripts/test", description=DESCRIPTION)
    parser.add_argument("lanes", nargs="*", metavar="LANE", help=f"{LINT}, {', '.join(LANES)}")
    parser.add_argument("--repeat", type=_parse_count, default=1, metavar="N", help="run the tests N times")
    return parser


def _parse_count(text: str) -> int:
    """A number of runs."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _print_failures(failures: Counter[str], runs: int) -> None:
    """Print how often each test failed that failed at all."""
    print(f"\nfailures in {runs} runs:" if failures else f"\nno failure in {runs} runs")
    for name, times in failures.most_common():
        print(f"  {times:3} of {runs}  {name}")


def _run_lint(count: ResultCount) -> None:
    verdicts = lint.report_checks(template=False)
    count.failed += sum(bool(verdict.findings) for verdict in verdicts)
    count.passed += sum(not verdict.findings for verdict in verdicts)


def _run_pytest(lanes: list[Lane], options: list[str], count: ResultCount, failures: Counter[str]) -> None:
    """Run the lanes' tests in one go, on two processes, with their servers up, and count which failed."""
    folders = [folder for lane in lanes for folder in lane.tests()]
    if not folders:
        return
    if any(_names_tests(option) for option in options):
        folders = []  # what is named runs alone, with the lane's servers
    with tempfile.TemporaryDirectory() as scratch, _keep_servers(lanes, Path(scratch)):
        found = _run_and_count([*PARALLEL_OPTIONS, *options, *folders], Path(scratch))
        failures.update(_failed_tests(Path(scratch) / "results.xml"))
    count.passed, count.failed = count.passed + found.passed, count.failed + found.failed
    count.skipped += found.skipped


def _names_tests(option: str) -> bool:
    """Whether an argument of pytest is a file or folder of tests, or a test in one."""
    return option.startswith("tests/") and (ROOT / option.partition("::")[0]).exists()


def _run_and_count(options: list[str], scratch: Path) -> ResultCount:
    """Returns how pytest's tests ended. That pytest itself failed counts as a failure."""
    results = scratch / "results.xml"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={results}", *options]
    done = subprocess.run(command, cwd=ROOT, check=False)
    count = _count_results(results) if results.exists() else ResultCount()
    if done.returncode and not count.failed:
        count.failed = 1  # and pytest has said why
    return count


def _count_results(results: Path) -> ResultCount:
    """Counts the results that pytest wrote."""
    suite = ElementTree.parse(results).getroot().find("testsuite")
    assert suite is not None
    ran, failures, errors, skipped = (
        int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
    )
    return ResultCount(ran - failures - errors - skipped, failures + errors, skipped)


def _failed_tests(results: Path) -> list[str]:
    """The names of the tests that failed, by what pytest wrote down."""
    if not results.exists():
        return []
    cases = ElementTree.parse(results).getroot().iter("testcase")
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


@contextlib.contextmanager
def _keep_servers(lanes: list[Lane], scratch: Path) -> Iterator[None]:
    """Yields the lanes' servers, kept up meanwhile for these tests alone."""
    os.environ[servers.KEPT_SERVERS_SETTING] = str(scratch / "servers.json")
    needed = {
        name for lane in lanes if lane.tests() for name in lane.servers if not servers.why_unavailable(name)
    }
    try:
        with ThreadPoolExecutor() as starters:
            list(starters.map(servers.start_kept_server, needed))
        yield
    finally:
        for name in needed:
            servers.stop_kept_server(name)


def _name_missing(lanes: list[Lane], count: ResultCount) -> None:
    """Name the lanes that could not run wholly here; where all must run, that is a failure."""
    for lane in lanes:
        for lack in lane.missing_requirements() if lane.tests() else ():
            print(f"{lane.name}: {lack}")
            count.failed += os.environ.get("CI") == "true"


if __name__ == "__main__":
    sys.exit(main())
