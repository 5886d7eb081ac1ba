"""The plan engine as a package of its own: built, installed in a fresh environment, and used there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("pyproject.toml", "LICENSE", "docs/plan.md")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources with the build backend that pyproject.toml names."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    shutil.copytree(
        ROOT / "shared", copy / "shared", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    build = "from setuptools import build_meta; print(build_meta.build_wheel('built'))"
    subprocess.run([sys.executable, "-c", build], cwd=copy, check=True, capture_output=True)
    (built,) = (copy / "built").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment in which the wheel is installed, without an index."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return python


def test_the_package_holds_the_engine_and_its_types(wheel: Path) -> None:
    """The wheel has every module of the engine, py.typed, no other part of Repartee, and no dependency."""
    with ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        (metadata,) = (
            archive.read(name).decode() for name in archive.namelist() if name.endswith("METADATA")
        )

    modules = {f"repartee/plan/{file.name}" for file in (ROOT / "shared/repartee/plan").glob("*.py")}
    assert set(names) == modules | {"repartee/plan/py.typed"}
    assert "Requires-Dist" not in metadata


def test_the_first_sample_runs_where_the_package_is_installed(python: Path, tmp_path: Path) -> None:
    """In an environment with nothing but the package, the page's first plan is built, run and described."""
    blocks = re.findall(r"```(python|text)\n(.*?)```", (ROOT / "docs/plan.md").read_text(), re.DOTALL)
    upto = next(index for index, (language, _) in enumerate(blocks) if language == "text")
    sample = "".join(code for _, code in blocks[:upto])

    done = subprocess.run([python, "-c", sample], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout == blocks[upto][1]


def test_the_engine_imports_the_standard_library_alone(python: Path, tmp_path: Path) -> None:
    """Every module of the installed package can be imported, and nothing outside the standard library is."""
    script = """
        import importlib, pkgutil, sys
        before = set(sys.modules)
        import repartee.plan
        for module in pkgutil.iter_modules(repartee.plan.__path__):
            importlib.import_module(f"repartee.plan.{module.name}")
        repartee.plan.Pool()
        top = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(sorted(top - set(sys.stdlib_module_names)))
    """
    done = subprocess.run(
        [python, "-c", textwrap.dedent(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout == "['repartee']\n"
