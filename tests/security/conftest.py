"""The servers that attacks on what is stored are tried on."""

from __future__ import annotations

from tests.contract.conftest import dynamodb_local, moto

__all__ = ["dynamodb_local", "moto"]
