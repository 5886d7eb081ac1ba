"""The command scripts/setup: the environments that the commands run in, made from pinned requirements.

Runs on any Python from 3.11 and nothing but its standard library.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from .caches import cache, cached, locked, made_once
from .pins import update

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv"
PINNED = ROOT / "requirements"

ABOUT = """Makes .venv with all that runs, tests and checks Repartee; nothing happens when it is up to date.
"sam" (AWS SAM and cfn-lint) and "checkov" have environments of their own, kept in ~/.cache/repartee.
"""

APART = ("sam", "checkov")  # what each needs holds back what we need


class SetupFailed(RuntimeError):
    """An environment cannot be made; the text says what is missing."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    asked = _parser().parse_args(arguments)
    if unknown := set(asked.environments) - set(APART):
        print(f"scripts/setup: there is no environment {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    try:
        if asked.remove:
            remove()
        elif asked.update:
            update(uv())
        else:
            prepare(asked.quiet)
            for apart in asked.environments:
                print(commands(apart))
    except SetupFailed as failure:
        print(f"scripts/setup: {failure}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("scripts/setup", description=ABOUT)
    parser.add_argument(
        "environments", nargs="*", metavar="|".join(APART), help="make these as well and print where they are"
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is well")
    parser.add_argument(
        "--update", action="store_true", help="compile the newest pins that requirements/*.in allow"
    )
    parser.add_argument(
        "--remove", action="store_true", help="remove .venv and all that was kept in ~/.cache/repartee"
    )
    return parser


def prepare(quiet: bool = False) -> None:
    """Make .venv, or bring it to what requirements/dev.txt pins. An interrupted one is made again."""
    with locked(f"venv-{hashlib.sha256(bytes(ENVIRONMENT)).hexdigest()[:12]}"):
        if _ready():
            return
        if not quiet or not ENVIRONMENT.exists():
            print("Making the environment in .venv", file=sys.stderr, flush=True)
        (ENVIRONMENT / "ready").unlink(missing_ok=True)
        install(ENVIRONMENT, PINNED / "dev.txt")
        _site(ENVIRONMENT).joinpath("repartee.pth").write_text(f"{ROOT / 'shared'}\n")
        shutil.copy(PINNED / "dev.txt", ENVIRONMENT / "requirements.txt")
        (ENVIRONMENT / "ready").write_text(f"{ROOT}\n")


def commands(apart: str) -> Path:
    """The folder of the commands of an environment of its own (`APART`), made if need be."""
    return made_once(_name(apart), lambda folder: install(folder, PINNED / f"{apart}.txt")) / "bin"


def has(apart: str) -> bool:
    """Whether that environment is there already."""
    return cached(_name(apart)) is not None


def uv() -> str:
    """The uv that requirements/uv.txt pins."""
    pins = PINNED / "uv.txt"
    name = f"uv-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}"

    def make(folder: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        run([*pip, "--target", str(folder), "-r", str(pins)])

    return str(made_once(name, make) / "bin" / "uv")


def run(command: list[str]) -> None:
    """Run a command that installs packages. Raises SetupFailed with the end of what it said."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CONFIG": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupFailed(f"packages could not be installed; is there a network? {last}")


def remove() -> None:
    """Remove .venv and everything of ours in the cache."""
    for folder in (ENVIRONMENT, cache()):
        shutil.rmtree(folder, ignore_errors=True)
        print(f"removed {folder}", file=sys.stderr)


def _ready() -> bool:
    try:
        whole = (ENVIRONMENT / "ready").read_text() == f"{ROOT}\n"
        same = (ENVIRONMENT / "requirements.txt").read_bytes() == (PINNED / "dev.txt").read_bytes()
    except OSError:
        return False
    return whole and same and _works(ENVIRONMENT)


def _name(apart: str) -> str:
    pins = (PINNED / f"{apart}.txt").read_bytes()
    return f"{apart}-{hashlib.sha256(pins + sys.version.encode()).hexdigest()[:12]}"


def _works(environment: Path) -> bool:
    """Whether its interpreter starts and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return (
            subprocess.run([_python(environment), "-c", check], capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


def install(environment: Path, pins: Path) -> None:
    """Put what is pinned into the environment, with uv where it can be had and pip where not."""
    if not _works(environment):
        venv.create(environment, clear=True, with_pip=False, symlinks=True)
    exactly = ["--no-deps", "--require-hashes", "-r", str(pins)]
    python = str(_python(environment))
    try:
        run([uv(), "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *exactly])
    except SetupFailed:
        run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *exactly])


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"


def _site(environment: Path) -> Path:
    return next((environment / "lib").glob("python3*/site-packages"))


if __name__ == "__main__":
    sys.exit(main())
