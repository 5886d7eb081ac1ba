"""The server that attacks on what is stored are tried on."""

from __future__ import annotations

from tests.contract.conftest import moto

__all__ = ["moto"]
