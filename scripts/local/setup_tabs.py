"""The tabs of *Set-up* that are on the local stack alone: what the commands of scripts/ know and do."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from local.local_wiring import LocalWiring
from operations.doctor import examine
from operations.personal_data import export_subject, forget_subject
from repartee.console.setup_checks import ChecksTab, SetupFinding
from repartee.console.setup_people import PeopleTab
from repartee.console.setup_tab import SetupTab
from repartee.ports.personal_data import Footprint
from repartee.wiring import personal_data
from repartee.wiring.console_setup import make_act_notes


def local_tabs(parts: LocalWiring) -> tuple[SetupTab, ...]:
    """Returns the tabs that a deployed console has not."""
    notes = make_act_notes(parts)
    return (
        ChecksTab(list_findings),
        PeopleTab(LocalPersonalData(parts), notes),
    )


def list_findings() -> Sequence[SetupFinding]:
    """Returns what `scripts/doctor` finds."""
    return [
        SetupFinding(one.kind, one.service, one.fact, one.advice) for one in examine(dict(os.environ), "")
    ]


class LocalPersonalData:
    """`console.PersonalData` on the local stores."""

    def __init__(self, parts: LocalWiring) -> None:
        self._parts = parts

    def export_person(self, id: str) -> bytes:
        packed = io.BytesIO()
        with (
            tempfile.TemporaryDirectory() as parent,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            folder, lines = Path(parent) / "export", list[str]()
            export_subject(personal_data.make_stores(self._parts), self._trace(id), folder, lines.append)
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder).as_posix())
        return packed.getvalue()

    def forget_person(self, id: str) -> Sequence[str]:
        lines = list[str]()
        forget_subject(personal_data.make_stores(self._parts), self._trace(id), lines.append)
        return lines

    def _trace(self, id: str) -> Footprint:
        subject = personal_data.make_subject(self._parts, "person", id)
        return self._parts.get(personal_data.personal_records).trace(subject)
