"""Finding: a fact about a service, with what to do where something is to be done."""

from __future__ import annotations

from typing import Literal

import msgspec

FindingKind = Literal["ok", "note", "missing", "wrong", "unchecked"]


class Finding(msgspec.Struct, frozen=True):
    """A fact about a service. `missing` is not set and not needed as things are; `wrong` must be mended."""

    kind: FindingKind
    service: str
    fact: str
    advice: str = ""
