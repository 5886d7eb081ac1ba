"""Containers, for `sam local invoke`: whether there are any here, and Lambda's image or its stand-in."""

from __future__ import annotations

import shutil
import subprocess

from . import sam
from .layers import PYTHON_VERSION

MAKES = "scripts/support/sam-base-image"


def why_unavailable() -> str | None:
    """Returns why `sam local invoke` cannot run here, in one line, or None."""
    machine = "arm64" if sam.machine_architecture() == "arm64" else "x86_64"
    image = f"public.ecr.aws/lambda/python:{PYTHON_VERSION}-{machine}"
    if shutil.which("docker") is None:
        return "sam local invoke needs Docker"
    if not _daemon_answers("info"):
        return f"sam local invoke needs Docker, whose daemon does not answer: {MAKES} starts it"
    if not _daemon_answers("image", "inspect", image):
        return f"sam local invoke needs the image {image}: {MAKES} makes one that stands in for it"
    return sam.why_unavailable()


def _daemon_answers(*command: str) -> bool:
    done = subprocess.run(["docker", *command], capture_output=True, check=False)
    return done.returncode == 0
