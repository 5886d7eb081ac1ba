"""Builds a layer as Lambda lays it out: pinned wheels for Lambda's platform, stripped, with bytecode.

`sam build` calls it by the Makefiles in layers/. ARCHITECTURE says for which processor: arm64, as in the
template, unless scripts/deploy or the runtime lane set another.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .caches import make_once
from .environments import ROOT, SetupFailed, find_uv, run_installer

WHEEL_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
PYTHON_VERSION = "3.13"

# What of botocore's service descriptions (30 MB) the functions use; asking for another fails by its name.
KEPT_BOTOCORE_SERVICES = {
    "appconfig",
    "appconfigdata",
    "comprehend",
    "dynamodb",
    "lambda",
    "s3",
    "secretsmanager",
    "sesv2",
    "sqs",
    "sso",
    "sso-oidc",
    "sts",
}

# What no function imports; olefile2.py is written for Python 2.
EXCLUDED_PATTERNS = (
    "tests",
    "test",
    "*.pyi",
    "RECORD",
    "INSTALLER",
    "REQUESTED",
    "direct_url.json",
    "olefile2.py",
)


def main(arguments: list[str] | None = None) -> int:
    """Build one layer into SAM's folder and print its size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layer", choices=("base", "turn", "web", "console", "package"))
    parser.add_argument("artifacts", type=Path)
    options = parser.parse_args(arguments)
    try:
        build_layer(options.layer, options.artifacts / "python", os.environ.get("ARCHITECTURE", "arm64"))
    except SetupFailed as failure:
        print(f"layers/{options.layer}: {failure}", file=sys.stderr)
        return 1
    return 0


def build_layer(layer: str, target: Path, architecture: str) -> None:
    """Fill `target` with what the layer holds."""
    if layer == "package":
        shutil.copytree(ROOT / "shared", target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        compile_bytecode(target)
    else:
        shutil.copytree(_install_packages(layer, architecture), target, copy_function=_link_or_copy)
    print(f"layers/{layer} for {architecture}: {folder_bytes(target) / 1e6:.1f} MB")


def _install_packages(layer: str, architecture: str) -> Path:
    """Installs the packages that the layer's pins name, once for as long as neither they change nor this
    module."""
    pins = ROOT / "layers" / layer / "requirements.txt"
    ours = hashlib.sha256(pins.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]

    def make(folder: Path) -> None:
        packages = folder / "python"
        install_pins(pins, packages, architecture)
        _remove_superfluous(packages)
        compile_bytecode(packages)

    return make_once(f"layer-{layer}-{architecture}-{ours}", make) / "python"


def _link_or_copy(source: str, target: str) -> None:
    """The same file in two places, where the file system can; nobody writes into what is built."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in the folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def layer_megabytes(built: Path) -> str:
    """Returns the layers' megabytes, and those of the ten heaviest parts, for a terminal."""
    folders = sorted(built.glob("*Layer"))
    parts = [(_part_megabytes(part), part) for folder in folders for part in folder.glob("python/*")]
    heaviest = sorted(parts, key=lambda one: -one[0])[:10]
    lines = [f"{folder.name:24}{folder_bytes(folder) / 1e6:8.1f} MB" for folder in folders]
    return "\n".join((*lines, *(f"  {part.name:22}{weight / 1e6:8.1f} MB" for weight, part in heaviest)))


def _part_megabytes(part: Path) -> int:
    return folder_bytes(part) if part.is_dir() else part.stat().st_size


def install_pins(pins: Path, target: Path, architecture: str) -> None:
    """Put what is pinned into the folder, for Lambda's platform."""
    platform = ["--python-platform", WHEEL_PLATFORMS[architecture], "--python-version", PYTHON_VERSION]
    exactly = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(pins)]
    run_installer([find_uv(), "pip", "install", "--quiet", "--target", str(target), *platform, *exactly])


def _remove_superfluous(target: Path) -> None:
    for path in list(_superfluous_paths(target)):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _superfluous_paths(target: Path) -> Iterator[Path]:
    for pattern in EXCLUDED_PATTERNS:
        yield from target.rglob(pattern)
    yield target / "bin"
    for service in target.glob("botocore/data/*/"):
        if service.name not in KEPT_BOTOCORE_SERVICES:
            yield service


def compile_bytecode(target: Path) -> None:
    """Bytecode that is taken as it is, whatever the files' times become on their way."""
    python = shutil.which(f"python{PYTHON_VERSION}")
    if python is None:
        raise SetupFailed(f"python{PYTHON_VERSION}, which Lambda runs, is not on the PATH")
    how = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    # Paths in tracebacks are to be those that Lambda has, not those of the machine that built.
    subprocess.run([python, *how, "-s", str(target), "-p", "/opt/python", str(target)], check=True)


if __name__ == "__main__":
    sys.exit(main())
