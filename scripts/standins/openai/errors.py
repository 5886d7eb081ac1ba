"""How the model's API words its refusals."""

from __future__ import annotations

from collections.abc import Mapping

MISSING = "missing_required_parameter"


class ModelError(Exception):
    """An answer other than 200, worded as the API words it."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None,
        kind: str = "invalid_request_error", headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
