"""Calls to Odoo over connections that are kept: JSON-2 from version 19, JSON-RPC before.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
https://www.odoo.com/documentation/18.0/developer/reference/external_api.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from threading import Lock
from typing import Any, Literal, NamedTuple

import httpx2
import msgspec

from repartee.errors import DeadlineExceeded, InvalidArgument, NotFound, PermissionDenied
from repartee.plan import deadline
from repartee.ports import ErpAccount
from repartee.services.odoo.errors import (
    BACKEND_NAME,
    error_from_odoo,
    error_from_status,
    translate_http_errors,
)
from repartee.tls import system_ssl_context

OdooApi = Literal["json2", "jsonrpc"]

JSON2_MIN_VERSION = 19
MIN_ODOO_VERSION = 16
"""The oldest version of Odoo that is spoken to: before, nobody could ask which models they may read."""

DEFAULT_TIMEOUT_SECONDS = 10.0
"""Seconds that a call may take where no deadline says less."""

MIN_CALL_SECONDS = 0.05
"""Seconds with which no call is begun."""

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Bytes of an answer."""

READ_ONLY_METHODS = {
    "context_get",
    "fields_get",
    "formatted_read_group",
    "get_available_models",
    "get_installed",
    "read",
    "read_group",
    "search_count",
    "search_read",
}
"""Methods that change nothing, and may be called again when the connection broke."""


POSITIONAL_ARGUMENTS = {"create": ("vals_list",)}
"""Arguments that JSON-RPC wants without their names: `create` looks at the first one (odoo/api.py)."""


class OdooServer(NamedTuple):
    """The server's major version and the API used with it, detected once."""

    version: int
    api: OdooApi


class OdooClient:
    """Calls models' methods in one database, with whichever account. For many threads.

    `api` says which API, where that is not to be found out.
    """

    def __init__(
        self,
        url: str,
        database: str,
        api: str = "",
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url, self._database, self._api = url.rstrip("/"), database, api
        self._client = httpx2.Client(
            base_url=self.url,
            transport=transport,
            verify=system_ssl_context(),
            headers={"User-Agent": "repartee"},
            limits=httpx2.Limits(max_keepalive_connections=8, keepalive_expiry=30.0),
        )
        self._server: OdooServer | None = None
        self._uids: dict[ErpAccount, int] = {}
        self._numbers = itertools.count(1)
        self._lock = Lock()

    @property
    def server(self) -> OdooServer:
        """Returns the server's version and API. Asks the server until it has answered once."""
        if self._server is None:
            self._server = self._detect_server()
        return self._server

    def call_method(
        self, account: ErpAccount, model: str, method: str, ids: Sequence[int] = (), /, **arguments: Any
    ) -> Any:
        """Returns the result of a model's method, called on these records if it is a method of records."""
        safe = method in READ_ONLY_METHODS
        if self.server.api == "json2":
            return self._call_json2(
                account, f"{model}/{method}", {"ids": ids} if ids else {}, arguments, safe
            )
        uid = self._user_id(account)
        positional = [arguments.pop(name) for name in POSITIONAL_ARGUMENTS.get(method, ())]
        args = [list(ids), *positional] if ids else positional
        own = [self._database, uid, account.key, model, method, args, arguments]
        try:
            return self._call_jsonrpc("object", "execute_kw", own, safe)
        except PermissionDenied as denied:
            if denied.problem != "AccessError":
                self._uids.pop(account, None)
            raise

    def _call_json2(
        self, account: ErpAccount, path: str, ids: dict[str, Any], arguments: dict[str, Any], idempotent: bool
    ) -> Any:
        headers = {"Authorization": f"bearer {account.key}"}
        if self._database:
            headers["X-Odoo-Database"] = self._database
        status, body = self._post_json(f"/json/2/{path}", {**ids, **arguments}, idempotent, headers)
        if status == 200:
            return _decode_body(body, status)
        failure = _decode_body(body, status)
        if not isinstance(failure, dict):
            raise error_from_status(status)
        raise error_from_odoo(failure)

    def _call_jsonrpc(self, service: str, method: str, args: list[Any], idempotent: bool = True) -> Any:
        call = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "params": call, "id": next(self._numbers)}
        status, content = self._post_json("/jsonrpc", body, idempotent)
        answer = _decode_body(content, status)
        if status != 200 or not isinstance(answer, dict):
            raise error_from_status(status)
        if "error" not in answer:
            return answer.get("result")
        error = answer["error"]
        if error.get("code") == 404:
            raise NotFound(BACKEND_NAME, "JSON-RPC is not there")
        raise error_from_odoo(error.get("data") or {})

    def _user_id(self, account: ErpAccount) -> int:
        """Returns the account's number, which JSON-RPC wants to know in every call."""
        with self._lock:
            known = self._uids.get(account)
        if known is None:
            uid = self._call_jsonrpc(
                "common", "authenticate", [self._database, account.login, account.key, {}]
            )
            if not uid:
                raise PermissionDenied(BACKEND_NAME, "the key is not accepted")
            with self._lock:
                known = self._uids[account] = int(uid)
        return known

    def _detect_server(self) -> OdooServer:
        if self._api:
            json2 = self._api == "json2"
            return OdooServer(
                JSON2_MIN_VERSION if json2 else JSON2_MIN_VERSION - 1, "json2" if json2 else "jsonrpc"
            )
        version = self._read_version()
        if version < MIN_ODOO_VERSION:
            raise InvalidArgument(
                BACKEND_NAME, f"Odoo {version} is too old: {MIN_ODOO_VERSION} or newer is needed"
            )
        return OdooServer(version, "json2" if version >= JSON2_MIN_VERSION else "jsonrpc")

    def _read_version(self) -> int:
        """Returns the server's version. `/web/version` is there from 19 on; `common.version` will go with
        22."""
        status, body = self._send_with_retry("GET", "/web/version", None, True, {})
        try:
            version = msgspec.json.decode(body) if status == 200 else {}
        except msgspec.DecodeError:
            version = {}
        if not (isinstance(version, dict) and version.get("version")):
            version = self._call_jsonrpc("common", "version", [])
            return _major_version(str(version.get("server_version", "")))
        return _major_version(str(version["version"]))

    def _post_json(
        self, path: str, body: Any, idempotent: bool, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        own = {"Content-Type": "application/json", **(headers or {})}
        return self._send_with_retry("POST", path, msgspec.json.encode(body), idempotent, own)

    def _send_with_retry(
        self, verb: str, path: str, content: bytes | None, idempotent: bool, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Status and body. A call that changes nothing is sent again if its connection broke."""
        with deadline.limited_to(DEFAULT_TIMEOUT_SECONDS), translate_http_errors():
            try:
                return self._send_once(verb, path, content, headers)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                if not idempotent:
                    raise
                return self._send_once(verb, path, content, headers)

    def _send_once(
        self, verb: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        left = deadline.remaining() or 0.0
        if left < MIN_CALL_SECONDS:
            raise DeadlineExceeded(BACKEND_NAME, "no time was left for the call")
        timeout = httpx2.Timeout(left, connect=min(2.0, left))
        with self._client.stream(verb, path, content=content, headers=headers, timeout=timeout) as response:
            return response.status_code, _read_body(response)


def _read_body(response: httpx2.Response) -> bytes:
    """Returns the body, for which the deadline counts too: a server may send it drop by drop."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > MAX_ANSWER_BYTES:
            raise InvalidArgument(BACKEND_NAME, f"an answer of more than {MAX_ANSWER_BYTES} bytes")
        if not deadline.remaining():
            raise DeadlineExceeded(BACKEND_NAME, "the answer did not end in time")
    return bytes(content)


def _decode_body(body: bytes, status: int) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise error_from_status(status) from None


def _major_version(version: str) -> int:
    """Returns the number of a version like `18.0`, `19.0+e` or `saas~19.1`."""
    found = re.search(r"\d+", version)
    if not found:
        raise InvalidArgument(BACKEND_NAME, "the server does not say which version it is")
    return int(found[0])
