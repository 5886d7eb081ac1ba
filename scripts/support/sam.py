"""AWS SAM as we use it: without Docker, without telemetry, with the Python that Lambda runs on its PATH."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import environments
from .caches import made_once
from .environments import PINNED, ROOT, SetupFailed
from .layers import RUNTIME

BUILT = ROOT / ".aws-sam" / "build"
ARCHITECTURES = ("arm64", "x86_64")


def this_machine() -> str:
    """The architecture, as Lambda calls it, of the machine that this runs on."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def missing() -> str | None:
    """Why nothing can be built or checked as things are, in one line, or None."""
    if not environments.has("sam"):
        return "aws-sam-cli is not installed: scripts/setup sam"
    if not environments.has("checkov"):
        return "checkov is not installed: scripts/setup checkov"
    if shutil.which("make") is None:
        return "sam build needs make on the PATH"
    if _python() is None:
        return f"sam build needs python{RUNTIME}, which Lambda runs, on the PATH"
    return None


def build(target: Path, architecture: str) -> None:
    """Build functions and layers into `target`. Raises SetupFailed with what SAM said."""
    overrides = ["--parameter-overrides", f"Architecture={architecture}"]
    _run("sam", "build", "--build-dir", str(target), *overrides, ARCHITECTURE=architecture)


def validate() -> None:
    """Raises SetupFailed with what cfn-lint, or checkov, finds in the template.

    `sam validate --lint` would be the same cfn-lint once more: on a template that was broken in eleven places
    both found the same. What they were content with they need not see again.
    """
    made_once(f"content-{_seen()}", lambda _: _validate())


def _validate() -> None:
    with ThreadPoolExecutor() as both:
        found = list(both.map(lambda check: check(), (_lint, _review)))
    if any(found):
        raise SetupFailed("\n".join(filter(None, found)))


def _seen() -> str:
    """The template as it is, the checkers' pins, and how they are called."""
    read = (ROOT / "template.yaml", PINNED / "sam.txt", PINNED / "checkov.txt", Path(__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()[:12]


def _lint() -> str:
    return _findings("sam", "cfn-lint", "template.yaml")


def _review() -> str:
    """What a security reviewer finds. What is none is skipped with its reason, beside the resource."""
    options = ["--file", "template.yaml", "--framework", "cloudformation", "--compact", "--quiet"]
    return _findings("checkov", "checkov", *options, "--skip-download")


def _findings(apart: str, command: str, *options: str) -> str:
    path = environments.commands(apart) / command
    done = subprocess.run(
        [str(path), *options], cwd=ROOT, env=_surroundings(), capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def deploy(options: list[str]) -> int:
    """Deploy what was built, talking to the person; the exit code."""
    command = [str(environments.commands("sam") / "sam"), "deploy", *options]
    return subprocess.run(command, cwd=ROOT, env=_surroundings(), check=False).returncode


def emulator() -> Path:
    """The Lambda runtime interface emulator that comes with SAM."""
    binary = "arm64" if this_machine() == "arm64" else "x86_64"
    return next(
        environments.commands("sam").parent.glob(
            f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{binary}"
        )
    )


def _run(command: str, *options: str, **environment: str) -> None:
    sam = environments.commands("sam")
    if lack := missing():
        raise SetupFailed(lack)
    done = subprocess.run(
        [str(sam / command), *options],
        cwd=ROOT,
        env=_surroundings() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupFailed(f"{command} {options[0]} failed:\n{(done.stdout + done.stderr).strip()}")


def _surroundings() -> dict[str, str]:
    """Our environment, with the Python on the path that SAM wants to see and bytecode is compiled with."""
    python = _python()
    path = [str(python.parent)] if python else []
    return {**os.environ, "PATH": os.pathsep.join((*path, os.environ["PATH"])), "SAM_CLI_TELEMETRY": "0"}


def _python() -> Path | None:
    beside = Path(sys.executable).with_name(f"python{RUNTIME}")
    found = str(beside) if beside.exists() else shutil.which(f"python{RUNTIME}")
    return Path(found) if found else None
