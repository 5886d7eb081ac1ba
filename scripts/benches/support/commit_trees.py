"""The trees of commits, so that a bench can measure two versions in one run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.caches import make_once

ROOT = Path(__file__).parents[3]


def check_out(commit: str) -> Path:
    """Returns the tree of a commit."""
    sha = subprocess.run(
        ["git", "rev-parse", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()

    def make(folder: Path) -> None:
        packed = subprocess.run(["git", "archive", sha], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)

    return make_once(f"bench-commit-{sha[:12]}", make)
