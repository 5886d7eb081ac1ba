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

from .caches import cache_folder, find_cached, hold_lock, make_once
from .pins import update_pins

ROOT = Path(__file__).parents[2]
ENVIRONMENT_FOLDER = ROOT / ".venv"
PINS_FOLDER = ROOT / "requirements"

DESCRIPTION = """Makes .venv with all that runs, tests and checks Repartee, unless it is up to date already.
"sam" (AWS SAM and cfn-lint), "checkov" and "model" (llama.cpp's server and a small model, 200 MB) have
environments of their own, kept in ~/.cache/repartee.
"""

SEPARATE_ENVIRONMENTS = (
    "sam",
    "checkov",
    "model",
)  # what each needs holds back what we need, or is needed by one lane alone


class SetupFailed(RuntimeError):
    """An environment cannot be made; the text says what is missing."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    if unknown := set(options.environments) - set(SEPARATE_ENVIRONMENTS):
        print(f"scripts/setup: there is no environment {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    try:
        if options.remove:
            remove_everything()
        elif options.update:
            update_pins(find_uv())
        else:
            prepare_environment(options.quiet)
            for apart in options.environments:
                print(commands_folder(apart))
    except SetupFailed as failure:
        print(f"scripts/setup: {failure}", file=sys.stderr)
        return 1
    except OSError as problem:
        where = f"{ENVIRONMENT_FOLDER} and {cache_folder()} must be writable; XDG_CACHE_HOME moves the second"
        print(f"scripts/setup: {problem.strerror}: {problem.filename}. {where}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("scripts/setup", description=DESCRIPTION)
    parser.add_argument(
        "environments",
        nargs="*",
        metavar="|".join(SEPARATE_ENVIRONMENTS),
        help="make these as well and print where they are",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is well")
    parser.add_argument(
        "--update", action="store_true", help="compile the newest pins that requirements/*.in allow"
    )
    parser.add_argument(
        "--remove", action="store_true", help="remove .venv and all that was kept in ~/.cache/repartee"
    )
    return parser


def prepare_environment(quiet: bool = False) -> None:
    """Make .venv, or bring it to what requirements/dev.txt pins. An interrupted one is made again."""
    with hold_lock(f"venv-{hashlib.sha256(bytes(ENVIRONMENT_FOLDER)).hexdigest()[:12]}"):
        if _is_ready():
            return
        if not quiet or not ENVIRONMENT_FOLDER.exists():
            print("Making the environment in .venv", file=sys.stderr, flush=True)
        (ENVIRONMENT_FOLDER / "ready").unlink(missing_ok=True)
        install_pins(ENVIRONMENT_FOLDER, PINS_FOLDER / "dev.txt")
        _site_packages(ENVIRONMENT_FOLDER).joinpath("repartee.pth").write_text(f"{ROOT / 'shared'}\n")
        shutil.copy(PINS_FOLDER / "dev.txt", ENVIRONMENT_FOLDER / "requirements.txt")
        (ENVIRONMENT_FOLDER / "ready").write_text(f"{ROOT}\n")


def commands_folder(apart: str) -> Path:
    """Returns the folder of the commands of an environment of its own (`APART`), made if need be."""
    return (
        make_once(environment_name(apart), lambda folder: install_pins(folder, PINS_FOLDER / f"{apart}.txt"))
        / "bin"
    )


def has_environment(apart: str) -> bool:
    """Returns whether that environment is there already."""
    return find_cached(environment_name(apart)) is not None


def find_uv() -> str:
    """Returns the uv that requirements/uv.txt pins."""
    pins = PINS_FOLDER / "uv.txt"
    name = f"uv-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}"

    def make(folder: Path) -> None:
        pip = [*find_pip(), "install", "--quiet", "--no-deps", "--require-hashes"]
        run_installer([*pip, "--target", str(folder), "-r", str(pins)])

    return str(make_once(name, make) / "bin" / "uv")


def find_pip() -> list[str]:
    """Returns how pip is called: this Python's, or one that its ensurepip installs apart. Raises
    SetupFailed."""
    own = [sys.executable, "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        return own
    name = f"pip-{hashlib.sha256(sys.version.encode()).hexdigest()[:12]}"

    def make(folder: Path) -> None:
        venv.create(folder / "environment", with_pip=True, symlinks=True)

    try:
        return [str(_python_path(make_once(name, make) / "environment")), "-m", "pip"]
    except subprocess.CalledProcessError:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupFailed(
            f"{version} has neither pip nor ensurepip: apt-get install {version}-venv"
        ) from None


def run_installer(command: list[str]) -> None:
    """Run a command that installs packages. Raises SetupFailed with the end of what it said."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CONFIG": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupFailed(f"packages could not be installed; is there a network? {last}")


def remove_everything() -> None:
    """Remove .venv and everything of ours in the cache."""
    for folder in (ENVIRONMENT_FOLDER, cache_folder()):
        shutil.rmtree(folder, ignore_errors=True)
        print(f"removed {folder}", file=sys.stderr)


def _is_ready() -> bool:
    try:
        whole = (ENVIRONMENT_FOLDER / "ready").read_text() == f"{ROOT}\n"
        same = (ENVIRONMENT_FOLDER / "requirements.txt").read_bytes() == (
            PINS_FOLDER / "dev.txt"
        ).read_bytes()
    except OSError:
        return False
    return whole and same and _interpreter_works(ENVIRONMENT_FOLDER)


def environment_name(apart: str) -> str:
    """Returns the name in the cache of an environment of its own, which changes with its pins."""
    pins = (PINS_FOLDER / f"{apart}.txt").read_bytes()
    return f"{apart}-{hashlib.sha256(pins + sys.version.encode()).hexdigest()[:12]}"


def _interpreter_works(environment: Path) -> bool:
    """Returns whether its interpreter starts and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return (
            subprocess.run(
                [_python_path(environment), "-c", check], capture_output=True, check=False
            ).returncode
            == 0
        )
    except OSError:
        return False


def install_pins(environment: Path, pins: Path) -> None:
    """Put what is pinned into the environment, with uv where it can be had and pip where not."""
    if not _interpreter_works(environment):
        venv.create(environment, clear=True, with_pip=False, symlinks=True)
    exactly = ["--no-deps", "--require-hashes", "-r", str(pins)]
    python = str(_python_path(environment))
    try:
        run_installer(
            [find_uv(), "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *exactly]
        )
    except SetupFailed:
        run_installer([*find_pip(), "--python", python, "install", "--quiet", *exactly])


def _python_path(environment: Path) -> Path:
    return environment / "bin" / "python"


def _site_packages(environment: Path) -> Path:
    return next((environment / "lib").glob("python3*/site-packages"))


if __name__ == "__main__":
    sys.exit(main())
