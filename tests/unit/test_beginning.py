"""A start is not looked through for garbage, and what comes after it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def told(*lines: str) -> list[str]:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(("import gc", *lines))],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "shared")},
    )
    return done.stdout.split()


def test_a_start_is_not_looked_through_for_garbage() -> None:
    """From the first import on, until all that stays is there."""
    lines = (
        "import repartee.gc_startup",
        "print(gc.isenabled())",
        "repartee.gc_startup.freeze_startup_objects()",
        "print(gc.isenabled(), gc.get_freeze_count() > 0)",
    )

    assert told(*lines) == ["False", "True", "True"]


def test_who_makes_no_start_goes_on_being_looked_through() -> None:
    """A command that uses the parts is no function."""
    assert told("import repartee.wiring", "print(gc.isenabled())") == ["True"]


def test_a_start_leaves_out_what_no_function_uses_of_boto3() -> None:
    """Neither its documentation nor what starts process managers is loaded; the clients are boto3's."""
    lines = (
        "import repartee.gc_startup, sys, boto3",
        "left_out = {'botocore.docs.docstring', 'boto3.docs.docstring', 'multiprocessing.managers'}",
        "print(left_out & set(sys.modules))",
        "client = boto3.client('sqs', region_name='eu-central-1')",
        "print(client.meta.service_model.service_name, len(client.send_message.__doc__))",
    )

    assert told(*lines) == ["set()", "sqs", "0"]


def test_what_was_left_out_is_there_when_it_is_wanted() -> None:
    """A later import gets the real modules, and a resource of boto3 is made as ever."""
    lines = (
        "import repartee.gc_startup, sys, boto3",
        "print(boto3.resource('sqs', region_name='eu-central-1').meta.service_name)",
        "from botocore.docs.docstring import ClientMethodDocstring",
        "from multiprocessing.managers import BaseManager",
        "print(hasattr(BaseManager, 'get_server'), ClientMethodDocstring.__module__)",
    )

    assert told(*lines) == ["sqs", "True", "botocore.docs.docstring"]
