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

from repartee.errors import Denied, Late, NotFound, Rejected
from repartee.plan import deadline
from repartee.ports import Account
from repartee.services.trust import trust
from repartee.stores.odoo.refusals import BACKEND, refusal, translating, unexplained

Api = Literal["json2", "jsonrpc"]

JSON2_SINCE = 19
OLDEST = 16
"""The oldest version of Odoo that is spoken to: before, nobody could ask which models they may read."""

LONGEST_CALL = 10.0
"""Seconds that a call may take where no deadline says less."""

TOO_SHORT = 0.05
"""Seconds with which no call is begun."""

LARGEST = 4 * 1024 * 1024
"""Bytes of an answer."""

READS = {
    "fields_get",
    "formatted_read_group",
    "get_available_models",
    "read",
    "read_group",
    "search_count",
    "search_read",
}
"""Methods that change nothing, and may be called again when the connection broke."""


POSITIONAL = {"create": ("vals_list",)}
"""Arguments that JSON-RPC wants without their names: `create` looks at the first one (odoo/api.py)."""


class Server(NamedTuple):
    """What is found out about the server once: its major version, and which API it is spoken to with."""

    version: int
    api: Api


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
            verify=trust(),
            headers={"User-Agent": "repartee"},
            limits=httpx2.Limits(max_keepalive_connections=8, keepalive_expiry=30.0),
        )
        self._server: Server | None = None
        self._uids: dict[Account, int] = {}
        self._numbers = itertools.count(1)
        self._lock = Lock()

    @property
    def server(self) -> Server:
        """What the server is. Asked once, until it has answered."""
        if self._server is None:
            self._server = self._found()
        return self._server

    def call(
        self, account: Account, model: str, method: str, ids: Sequence[int] = (), /, **arguments: Any
    ) -> Any:
        """What the model's method returns, on these records where it is one of records."""
        safe = method in READS
        if self.server.api == "json2":
            return self._json2(account, f"{model}/{method}", {"ids": ids} if ids else {}, arguments, safe)
        uid = self._uid(account)
        positional = [arguments.pop(name) for name in POSITIONAL.get(method, ())]
        args = [list(ids), *positional] if ids else positional
        own = [self._database, uid, account.key, model, method, args, arguments]
        try:
            return self._rpc("object", "execute_kw", own, safe)
        except Denied as denied:
            if denied.problem != "AccessError":
                self._uids.pop(account, None)
            raise

    def _json2(
        self, account: Account, path: str, ids: dict[str, Any], arguments: dict[str, Any], safe: bool
    ) -> Any:
        headers = {"Authorization": f"bearer {account.key}"}
        if self._database:
            headers["X-Odoo-Database"] = self._database
        status, body = self._post(f"/json/2/{path}", {**ids, **arguments}, safe, headers)
        if status == 200:
            return _decoded(body, status)
        failure = _decoded(body, status)
        if not isinstance(failure, dict):
            raise unexplained(status)
        raise refusal(failure)

    def _rpc(self, service: str, method: str, args: list[Any], safe: bool = True) -> Any:
        call = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "params": call, "id": next(self._numbers)}
        status, content = self._post("/jsonrpc", body, safe)
        answer = _decoded(content, status)
        if status != 200 or not isinstance(answer, dict):
            raise unexplained(status)
        if "error" not in answer:
            return answer.get("result")
        error = answer["error"]
        if error.get("code") == 404:
            raise NotFound(BACKEND, "JSON-RPC is not there")
        raise refusal(error.get("data") or {})

    def _uid(self, account: Account) -> int:
        """The account's number, which JSON-RPC wants to know in every call."""
        with self._lock:
            known = self._uids.get(account)
        if known is None:
            uid = self._rpc("common", "authenticate", [self._database, account.login, account.key, {}])
            if not uid:
                raise Denied(BACKEND, "the key is not accepted")
            with self._lock:
                known = self._uids[account] = int(uid)
        return known

    def _found(self) -> Server:
        if self._api:
            json2 = self._api == "json2"
            return Server(JSON2_SINCE if json2 else JSON2_SINCE - 1, "json2" if json2 else "jsonrpc")
        version = self._version()
        if version < OLDEST:
            raise Rejected(BACKEND, f"Odoo {version} is too old: {OLDEST} or newer is needed")
        return Server(version, "json2" if version >= JSON2_SINCE else "jsonrpc")

    def _version(self) -> int:
        """The server's version. `/web/version` is there from 19 on; `common.version` will go with 22."""
        status, body = self._send("GET", "/web/version", None, True, {})
        try:
            told = msgspec.json.decode(body) if status == 200 else {}
        except msgspec.DecodeError:
            told = {}
        if not (isinstance(told, dict) and told.get("version")):
            told = self._rpc("common", "version", [])
            return _major(str(told.get("server_version", "")))
        return _major(str(told["version"]))

    def _post(
        self, path: str, body: Any, safe: bool, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        own = {"Content-Type": "application/json", **(headers or {})}
        return self._send("POST", path, msgspec.json.encode(body), safe, own)

    def _send(
        self, verb: str, path: str, content: bytes | None, safe: bool, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Status and body. A call that changes nothing is sent again if its connection broke."""
        with deadline.within(LONGEST_CALL), translating():
            try:
                return self._sent(verb, path, content, headers)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                if not safe:
                    raise
                return self._sent(verb, path, content, headers)

    def _sent(
        self, verb: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        left = deadline.remaining() or 0.0
        if left < TOO_SHORT:
            raise Late(BACKEND, "no time was left for the call")
        timeout = httpx2.Timeout(left, connect=min(2.0, left))
        with self._client.stream(verb, path, content=content, headers=headers, timeout=timeout) as response:
            return response.status_code, _read(response)


def _read(response: httpx2.Response) -> bytes:
    """The body, for which the deadline counts too: a server may send it drop by drop."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > LARGEST:
            raise Rejected(BACKEND, f"an answer of more than {LARGEST} bytes")
        if not deadline.remaining():
            raise Late(BACKEND, "the answer did not end in time")
    return bytes(content)


def _decoded(body: bytes, status: int) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise unexplained(status) from None


def _major(version: str) -> int:
    """The number of a version like `18.0`, `19.0+e` or `saas~19.1`."""
    found = re.search(r"\d+", version)
    if not found:
        raise Rejected(BACKEND, "the server does not say which version it is")
    return int(found[0])
