"""The command scripts/lint: format, rules, types, imports, pins, shell and template, all at once."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import environments, pins, sam
from .environments import ROOT
from .suggestions import CommandParser

COMMANDS_FOLDER = Path(sys.executable).parent
CODE_FOLDERS = ("functions", "scripts", "shared", "tests")


@dataclass(frozen=True)
class CheckResult:
    """The findings of one check: empty, when it passes."""

    name: str
    findings: str
    seconds: float


Check = Callable[[], str]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    if options.fix:
        _fix_findings()
    found = report_checks(template=options.all or environments.has_environment("sam"))
    return 1 if any(verdict.findings for verdict in found) else 0


def report_checks(template: bool) -> list[CheckResult]:
    """Run all checks and print what they find; the verdicts."""
    found = [*run_checks(template)]
    for verdict in found:
        print(f"{verdict.name:9} {'failed' if verdict.findings else 'ok':7}{verdict.seconds:5.1f} s")
    for verdict in found:
        if verdict.findings:
            print(f"\n{verdict.name}\n{verdict.findings.strip()}")
    sys.stdout.flush()
    return found


def run_checks(template: bool) -> Iterator[CheckResult]:
    """Every check's verdict, the checks run side by side."""
    checks: dict[str, Check] = {
        "format": lambda: _failure_output(
            COMMANDS_FOLDER / "ruff", "format", "--check", "--quiet", ".", *_python_commands()
        ),
        "rules": lambda: _failure_output(
            COMMANDS_FOLDER / "ruff", "check", "--quiet", ".", *_python_commands()
        ),
        "types": lambda: _failure_output(
            COMMANDS_FOLDER / "mypy", "--no-error-summary", *_existing_folders(CODE_FOLDERS)
        ),
        "imports": lambda: _failure_output(COMMANDS_FOLDER / "lint-imports"),
        "shell": lambda: _failure_output(COMMANDS_FOLDER / "shellcheck", *_shell_commands()),
        "pins": lambda: "\n".join(pins.find_disagreements()),
    }
    if template and (ROOT / "template.yaml").exists():
        checks["template"] = check_template
    with ThreadPoolExecutor(len(checks)) as side_by_side:
        yield from side_by_side.map(_run_check, checks, checks.values())


def check_template() -> str:
    """Returns the findings of SAM and cfn-lint in the template."""
    try:
        sam.validate_template()
    except environments.SetupFailed as failure:
        return str(failure)
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser("scripts/lint", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="first put right what can be put right by itself")
    parser.add_argument(
        "--all", action="store_true", help="the template too, making its environment if need be"
    )
    return parser


def _fix_findings() -> None:
    _failure_output(COMMANDS_FOLDER / "ruff", "check", "--fix", "--quiet", ".", *_python_commands())
    _failure_output(COMMANDS_FOLDER / "ruff", "format", "--quiet", ".", *_python_commands())


def _run_check(name: str, check: Check) -> CheckResult:
    began = time.monotonic()
    findings = check()
    return CheckResult(name, findings, time.monotonic() - began)


def _failure_output(*command: str | Path, **environment: str) -> str:
    """Returns the output of a command that fails; empty when it succeeds."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr or f"exit code {done.returncode}") if done.returncode else ""


def _existing_folders(folders: tuple[str, ...]) -> list[str]:
    return [folder for folder in folders if any((ROOT / folder).rglob("*.py"))]


def _python_commands() -> list[str]:
    return [str(path) for path in _find_commands() if b"python" in path.read_bytes().split(b"\n", 1)[0]]


def _shell_commands() -> list[str]:
    return [str(path) for path in _find_commands() if b"bash" in path.read_bytes().split(b"\n", 1)[0]]


def _find_commands() -> list[Path]:
    """Returns the commands: files without an ending, in scripts/, layers/ and .ci/."""
    found = [path for folder in ("scripts", "layers", ".ci") for path in (ROOT / folder).glob("*")]
    return sorted(path for path in found if path.is_file() and not path.suffix)


if __name__ == "__main__":
    sys.exit(main())
