"""AWS SAM as we use it: without Docker, without telemetry, with the Python that Lambda runs on its PATH."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from . import environments
from .environments import ROOT, SetupFailed
from .layers import RUNTIME

BUILT = ROOT / ".aws-sam" / "build"
ARCHITECTURES = ("arm64", "x86_64")
REGION = "eu-central-1"  # any will do where nothing is deployed


def this_machine() -> str:
    """The architecture, as Lambda calls it, of the machine that this runs on."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def missing() -> str | None:
    """Why nothing can be built or checked as things are, in one line, or None."""
    if not environments.has("sam"):
        return "aws-sam-cli is not installed: scripts/setup sam"
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
    """Raises SetupFailed with what SAM's linter, or the newest cfn-lint, finds in the template."""
    _run("cfn-lint", "template.yaml")
    _run("sam", "validate", "--lint", "--region", REGION)


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
