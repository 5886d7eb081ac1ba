"""A visit of the deployed console: requests as the HTTP API gives them to its function."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import itsdangerous

from repartee.console.access import Operator, SessionAccess, csrf_token
from repartee.console.app import SECURE_SESSION_COOKIE
from repartee.wiring import operations, process
from tests.support.iam_rights import RecordingWiring

HOST = "api.example.com"


class ConsoleVisit:
    """An operator's browser, in front of the function. What it was answered is as API Gateway reads it."""

    def __init__(self, parts: RecordingWiring, call: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._parts, self._call = parts, call
        self._cookie = self._csrf = ""

    def sign_in(self, operator: Operator) -> None:
        """Starts a session, as the login service's answer does, on the parts of the function."""
        session: dict[str, Any] = {}
        get = self._parts.get
        SessionAccess(get(operations.operator_sessions), get(process.clock)).start_session(session, operator)
        self._csrf = csrf_token(session)
        signer = itsdangerous.TimestampSigner(get(process.settings).console_session_key)
        text = base64.b64encode(json.dumps(session).encode())
        self._cookie = f"{SECURE_SESSION_COOKIE}={signer.sign(text).decode()}"

    def sign_out_here(self) -> None:
        """Forgets the session's cookie."""
        self._cookie = self._csrf = ""

    def pass_minutes(self, minutes: float) -> None:
        """Puts the function's clock forward."""
        self._parts.shift_seconds += 60 * minutes

    def get(self, page: str) -> dict[str, Any]:
        """Opens a page."""
        return self._send("GET", page, "")

    def post(self, page: str, **fields: str) -> dict[str, Any]:
        """Sends a form of the console."""
        return self._send("POST", page, urlencode(fields | {"csrf": self._csrf}))

    def send(self, method: str, page: str) -> dict[str, Any]:
        """Opens a page, or sends an empty form."""
        return self.get(page) if method == "GET" else self.post(page)

    def text(self, answer: dict[str, Any]) -> str:
        """Returns what was answered."""
        body = answer["body"]
        content = base64.b64decode(body) if answer["isBase64Encoded"] else body.encode()
        return (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()

    def _send(self, method: str, page: str, body: str) -> dict[str, Any]:
        path, _, query = page.partition("?")
        headers = {"host": HOST, "x-forwarded-proto": "https", "accept-encoding": "gzip"}
        if body:
            headers["content-type"] = "application/x-www-form-urlencoded"
        return self._call(
            {
                "version": "2.0",
                "routeKey": f"{method} /console/{{proxy+}}",
                "rawPath": f"/console/{path}",
                "rawQueryString": query,
                "cookies": [self._cookie] if self._cookie else [],
                "headers": headers,
                "requestContext": {
                    "domainName": HOST,
                    "http": {"method": method, "path": f"/console/{path}", "sourceIp": "203.0.113.7"},
                    "requestId": "r1",
                    "stage": "$default",
                },
                "body": body,
                "isBase64Encoded": False,
            }
        )
