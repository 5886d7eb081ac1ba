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
from .caches import make_once
from .environments import PINS_FOLDER, ROOT, SetupFailed
from .layers import PYTHON_VERSION

BUILD_FOLDER = ROOT / ".aws-sam" / "build"
ARCHITECTURES = ("arm64", "x86_64")


def machine_architecture() -> str:
    """Returns the architecture, as Lambda calls it, of the machine that this runs on."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def why_unavailable() -> str | None:
    """Returns why nothing can be built or checked as things are, in one line, or None."""
    if not environments.has_environment("sam"):
        return "aws-sam-cli is not installed: scripts/setup sam"
    if not environments.has_environment("checkov"):
        return "checkov is not installed: scripts/setup checkov"
    if shutil.which("make") is None:
        return "sam build needs make on the PATH"
    if _find_python() is None:
        return f"sam build needs python{PYTHON_VERSION}, which Lambda runs, on the PATH"
    return None


def run_build(target: Path, architecture: str, tree: Path = ROOT) -> None:
    """Build functions and layers of a tree into `target`. Raises SetupFailed with what SAM said."""
    overrides = ["--parameter-overrides", f"Architecture={architecture}"]
    options = ["--build-dir", str(target), *overrides]
    _run_sam(tree, "sam", "build", *options, ARCHITECTURE=architecture)


def validate_template() -> None:
    """Raises SetupFailed with what cfn-lint, or checkov, finds in the template.

    `sam validate --lint` would be the same cfn-lint once more: on a template that was broken in eleven places
    both found the same. What they were content with they need not see again.
    """
    make_once(f"content-{_validation_fingerprint()}", lambda _: _run_validation())


def _run_validation() -> None:
    with ThreadPoolExecutor() as both:
        found = list(both.map(lambda check: check(), (_run_cfn_lint, _run_checkov)))
    if any(found):
        raise SetupFailed("\n".join(filter(None, found)))


def _validation_fingerprint() -> str:
    """Returns the template as it is, the checkers' pins, and how they are called."""
    read = (ROOT / "template.yaml", PINS_FOLDER / "sam.txt", PINS_FOLDER / "checkov.txt", Path(__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()[:12]


def _run_cfn_lint() -> str:
    return _command_findings("sam", "cfn-lint", "template.yaml")


def _run_checkov() -> str:
    """Runs checkov and returns its findings. Exceptions are stated with their reason beside each resource."""
    options = ["--file", "template.yaml", "--framework", "cloudformation", "--compact", "--quiet"]
    return _command_findings("checkov", "checkov", *options, "--skip-download")


def _command_findings(apart: str, command: str, *options: str) -> str:
    path = environments.commands_folder(apart) / command
    done = subprocess.run(
        [str(path), *options], cwd=ROOT, env=_sam_environment(), capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def run_deploy(options: list[str]) -> int:
    """Deploy what was built, talking to the person; the exit code."""
    command = [str(environments.commands_folder("sam") / "sam"), "deploy", *options]
    return subprocess.run(command, cwd=ROOT, env=_sam_environment(), check=False).returncode


def find_emulator() -> Path:
    """Returns the Lambda runtime interface emulator that comes with SAM."""
    binary = "arm64" if machine_architecture() == "arm64" else "x86_64"
    return next(
        environments.commands_folder("sam").parent.glob(
            f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{binary}"
        )
    )


def _run_sam(tree: Path, command: str, *options: str, **environment: str) -> None:
    sam = environments.commands_folder("sam")
    if lack := why_unavailable():
        raise SetupFailed(lack)
    done = subprocess.run(
        [str(sam / command), *options],
        cwd=tree,
        env=_sam_environment() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupFailed(f"{command} {options[0]} failed:\n{(done.stdout + done.stderr).strip()}")


def _sam_environment() -> dict[str, str]:
    """Our environment, with the Python on the path that SAM wants to see and bytecode is compiled with."""
    python = _find_python()
    path = [str(python.parent)] if python else []
    return {**os.environ, "PATH": os.pathsep.join((*path, os.environ["PATH"])), "SAM_CLI_TELEMETRY": "0"}


def _find_python() -> Path | None:
    beside = Path(sys.executable).with_name(f"python{PYTHON_VERSION}")
    found = str(beside) if beside.exists() else shutil.which(f"python{PYTHON_VERSION}")
    return Path(found) if found else None
