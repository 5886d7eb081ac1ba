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

from repartee.channels.web.chat_component import COMPONENT_FOLDER
from repartee.console.pages import STATIC_FOLDER

FOLDERS = (STATIC_FOLDER / "vendor", COMPONENT_FOLDER / "vendor")


def read_packages(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((folder / "packages.toml").read_text())["package"]
    return found


PACKAGES = [(folder, package) for folder in FOLDERS for package in read_packages(folder)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_each_file_is_declared_with_its_hash_and_its_licence(folder: Path) -> None:
    """No file stands there of which nobody knows where it is from, and none was changed."""
    packages = read_packages(folder)
    declared = {file["name"]: file["sha256"] for package in packages for file in package["file"]}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix in (".js", ".css")
    }
    assert found == declared
    for package in packages:
        assert (folder / "licences" / f"{package['name']}.txt").stat().st_size


@pytest.mark.parametrize("folder, package", PACKAGES, ids=[package["name"] for _, package in PACKAGES])
def test_each_file_is_the_packages_own(folder: Path, package: dict[str, Any], tmp_path: Path) -> None:
    """The package that npm gives has the declared hash, and holds the same bytes."""
    if shutil.which("npm") is None:
        pytest.skip(reason="there is no npm here: apt-get install npm")
    named = f"{package['name']}@{package['version']}"
    packed = subprocess.run(
        ["npm", "pack", "--silent", named], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        pytest.skip(reason=f"npm gives no {named} here")
    archive = tmp_path / packed.stdout.strip()
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert package["integrity"] == f"sha512-{digest}"
    with tarfile.open(archive) as opened:
        for file in package["file"]:
            member = opened.extractfile(f"package/{file['path']}")
            assert member is not None
            assert member.read() == (folder / file["name"]).read_bytes()
