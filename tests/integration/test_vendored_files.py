"""The files of other projects that the console serves are those of their packages."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest

from repartee.console.pages import STATIC_FOLDER

VENDOR_FOLDER = STATIC_FOLDER / "vendor"
PACKAGES: list[dict[str, Any]] = tomllib.loads((VENDOR_FOLDER / "packages.toml").read_text())["package"]


def test_each_file_is_declared_with_its_hash_and_its_licence() -> None:
    """No file stands there of which nobody knows where it is from, and none was changed."""
    declared = {file["name"]: file["sha256"] for package in PACKAGES for file in package["file"]}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR_FOLDER.iterdir()
        if path.suffix in (".js", ".css")
    }
    assert found == declared
    for package in PACKAGES:
        assert (VENDOR_FOLDER / "licences" / f"{package['name']}.txt").stat().st_size


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_each_file_is_the_packages_own(package: dict[str, Any], tmp_path: Path) -> None:
    """The package that npm gives has the declared hash, and holds the same bytes."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here: apt-get install npm")
    named = f"{package['name']}@{package['version']}"
    packed = subprocess.run(
        ["npm", "pack", "--silent", named], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"npm gives no {named} here")
    archive = tmp_path / packed.stdout.strip()
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert package["integrity"] == f"sha512-{digest}"
    with tarfile.open(archive) as opened:
        for file in package["file"]:
            member = opened.extractfile(f"package/{file['path']}")
            assert member is not None
            assert member.read() == (VENDOR_FOLDER / file["name"]).read_bytes()
