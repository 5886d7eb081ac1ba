"""Stands in for AppConfig's data plane: sessions, tokens that count once, polls that may come too early.

https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Operations_AWS_AppConfig_Data.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DAY_SECONDS = 24 * 3600


@dataclass
class ConfigurationSession:
    """A client that polls: how often it may, when it did, and which version it has."""

    min_poll_seconds: float
    began_at: float
    polled_at: float = float("-inf")
    version: int = 0


class AppConfigStandIn:
    """One configuration, empty until `deploy` replaces it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sessions: dict[str, ConfigurationSession] = {}
        self._content, self._version = b"{}", 1

    def deploy_flags(self, flags: Any) -> None:
        """Makes these the flags."""
        self._content, self._version = json.dumps(flags).encode(), self._version + 1

    def routes(self, prefix: str = "") -> list[Route]:
        return [
            Route(f"{prefix}/configurationsessions", self._start_session, methods=["POST"]),
            Route(f"{prefix}/configuration", self._get_latest, methods=["GET"]),
            Route(f"{prefix}/standin/flags", self._deploy, methods=["POST"]),
        ]

    async def _deploy(self, request: Request) -> Response:
        self.deploy_flags(await request.json())
        return JSONResponse({})

    async def _start_session(self, request: Request) -> Response:
        body = await request.json()
        interval = body.get("RequiredMinimumPollIntervalInSeconds", 60)
        if not 15 <= interval <= DAY_SECONDS:
            return _error_response("the poll interval is not between 15 and 86400 seconds")
        return JSONResponse(
            {"InitialConfigurationToken": self._issue_token(ConfigurationSession(interval, self._clock()))},
            201,
        )

    async def _get_latest(self, request: Request) -> Response:
        session = self._sessions.pop(request.query_params.get("configuration_token", ""), None)
        if session is None or self._clock() - session.began_at > DAY_SECONDS:
            return _error_response("Token not valid")
        if self._clock() - session.polled_at < session.min_poll_seconds:
            return _error_response("Request too early")
        content = self._content if session.version < self._version else b""
        session.polled_at, session.version = self._clock(), self._version
        headers = {
            "Next-Poll-Configuration-Token": self._issue_token(session),
            "Next-Poll-Interval-In-Seconds": str(session.min_poll_seconds),
        }
        return Response(content, 200, headers, media_type="application/json")

    def _issue_token(self, session: ConfigurationSession) -> str:
        token = uuid.uuid4().hex
        self._sessions[token] = session
        return token


def _error_response(message: str) -> Response:
    headers = {"x-amzn-ErrorType": "BadRequestException"}
    return JSONResponse({"Message": message}, 400, headers)
