"""What the layer of our own package holds."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from repartee.language.catalogue import LANGUAGES, SOURCE_LANGUAGE
from support.environments import ROOT
from support.layers import KEPT_BOTOCORE_SERVICES, build_layer

SPEAK = """
from repartee.language import catalogue, texts
print(*[catalogue.translate(texts.STOP, language) for language in catalogue.LANGUAGES])
"""


@pytest.mark.skipif(shutil.which("python3.13") is None, reason="layers are built with Lambda's Python 3.13")
def test_the_texts_of_all_languages_ship_with_the_package(tmp_path: Path) -> None:
    """As the layer is built they are in it, and are found from there."""
    target = tmp_path / "python"

    build_layer("package", target, "arm64")

    shipped = {path.stem for path in (target / "repartee/language/locales").glob("*.po")}
    assert shipped == set(LANGUAGES) - {SOURCE_LANGUAGE}
    said = subprocess.run(
        [sys.executable, "-c", SPEAK],
        env={"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [
        "Stop",
        "Stopp",
        "Parar",
        "Arrêter",
        "Parar",
        "Ferma",
        "Durdur",
        "रोकें",
        "停止",
        "停止",
    ]


def test_every_service_that_is_called_is_described_in_the_layer() -> None:
    """Descriptions of others are left out of botocore, so that their clients would fail on Lambda alone."""
    asked = set()
    for file in (ROOT / "shared" / "repartee").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_client":
                asked |= {each.value for each in node.args if isinstance(each, ast.Constant)}

    assert {"dynamodb", "sqs", "lambda"} <= asked
    assert asked <= KEPT_BOTOCORE_SERVICES
