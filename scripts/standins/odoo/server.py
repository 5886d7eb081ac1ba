"""Stands in for Odoo: one company's database behind both of its APIs. Never deploy it.

POST /jsonrpc                          JSON-RPC: common.version, common.authenticate, object.execute_kw
POST /json/2/{model}/{method}          JSON-2, from version 19 on, with a bearer key
GET  /web/version                      which version it is, from version 19 on
POST /web/webclient/version_info       likewise, for web clients of any version

Wire format and errors are those of odoo/http.py and of its module `rpc`. It differs from Odoo in that a model
has only what is in company.py, and that nothing is computed.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from standins import threaded_server
from standins.odoo.company import DATABASE, USERS, OdooUser
from standins.odoo.models import MODELS
from standins.odoo.orm import MODEL_METHODS, RECORD_METHODS, OdooSession
from standins.odoo.records import OdooFault, OdooRecordStore

JSON2_MIN_VERSION = 19
STATUS_BY_FAULT = {
    "odoo.exceptions.AccessDenied": 403,
    "odoo.exceptions.AccessError": 403,
    "odoo.exceptions.MissingError": 404,
    "odoo.exceptions.UserError": 422,
    "odoo.exceptions.ValidationError": 422,
    "werkzeug.exceptions.BadRequest": 400,
    "werkzeug.exceptions.Unauthorized": 401,
    "werkzeug.exceptions.NotFound": 404,
    "werkzeug.exceptions.UnprocessableEntity": 422,
}
"""With which HTTP status JSON-2 tells an exception; any other is a 500."""

LOGIN_PAGE_HTML = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"


@dataclass(frozen=True)
class OdooResponse:
    """An HTTP response."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


NOT_FOUND = OdooResponse(LOGIN_PAGE_HTML, 404, {"Content-Type": "text/html; charset=utf-8"})


class OdooStandIn:
    """A server with one database, of a version such as 18. For many threads.

    `calls` has every call of a model's method in order: `crm.lead/search_read` by whom, with what.
    """

    def __init__(self, version: int = 19) -> None:
        self.version = version
        self.records = OdooRecordStore()
        self.calls: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def handle_request(
        self, verb: str, path: str, headers: Mapping[str, str], content: bytes = b""
    ) -> OdooResponse:
        """Answers a request. Header names are in lower case."""
        rpc = {
            "/jsonrpc": self._dispatch_service,
            "/web/webclient/version_info": lambda params: self._version_info(),
            "/web/database/list": lambda params: [DATABASE],
        }
        with self._lock:
            if verb == "POST" and path in rpc:
                return self._handle_jsonrpc(content, rpc[path])
            if path == "/web" or (verb == "HEAD" and path == "/"):
                return OdooResponse("", headers={"Content-Type": "text/html; charset=utf-8"})
            return (
                self._handle_modern_request(verb, path, headers, content)
                if self.version >= JSON2_MIN_VERSION
                else NOT_FOUND
            )

    def _handle_modern_request(
        self, verb: str, path: str, headers: Mapping[str, str], content: bytes
    ) -> OdooResponse:
        """Handles the routes that exist from version 19 on."""
        if path == "/web/version":
            about = self._version_info()
            return OdooResponse(
                {"version_info": about["server_version_info"], "version": about["server_serie"]}
            )
        if path.startswith("/json/2/"):
            return self._handle_json2(verb, path.removeprefix("/json/2/"), headers, content)
        return NOT_FOUND

    # JSON-RPC

    def _handle_jsonrpc(self, content: bytes, serve: Any) -> OdooResponse:
        body: dict[str, Any] = {}
        try:
            body = json.loads(content)
            result = serve(body.get("params") or {})
        except (ValueError, AttributeError):
            return OdooResponse("Invalid JSON data", 400, {"Content-Type": "text/plain"})
        except OdooFault as fault:
            code = 200 if self.version < 18 else 0
            error = {"code": code, "message": "Odoo Server Error", "data": _serialize_fault(fault)}
            return OdooResponse({"jsonrpc": "2.0", "id": body.get("id"), "error": error})
        return OdooResponse({"jsonrpc": "2.0", "id": body.get("id"), "result": result})

    def _dispatch_service(self, params: Mapping[str, Any]) -> Any:
        service, method, args = params.get("service"), params.get("method"), list(params.get("args") or ())
        if (service, method) == ("common", "version"):
            return self._version_info()
        if service == "common" and method in ("authenticate", "login"):
            self._check_database(args[0])
            user = _user_of_key(args[2])
            return user.id if user and user.login == args[1] else False
        if (service, method) == ("object", "execute_kw"):
            return self._execute_method(*args)
        raise OdooFault("builtins.KeyError", str(service))

    def _execute_method(
        self, database: str, uid: int, key: str, model: str, method: str, args: Any = (), kw: Any = None
    ) -> Any:
        self._check_database(database)
        user = _user_of_key(key)
        if user is None or user.id != uid:
            raise OdooFault("odoo.exceptions.AccessDenied", "Access Denied")
        named = dict(kw or {})
        if model not in (*MODELS, "res.lang"):
            raise OdooFault("odoo.exceptions.UserError", f"Object {model} doesn't exist")
        if not self._is_public_method(model, method):
            raise OdooFault(
                "builtins.AttributeError", f"The method '{model}.{method}' does not exist on the model"
            )
        if method == "create" and not args:  # it looks at the first, to know whether one or several are made
            raise OdooFault("builtins.IndexError", "tuple index out of range")
        return self._call_method(user, model, method, list(args), named, "builtins.TypeError")

    def _check_database(self, database: str) -> None:
        if database != DATABASE:
            raise OdooFault(
                "psycopg2.OperationalError",
                'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  database '
                f'"{database}" does not exist\n',
            )

    # JSON-2

    def _handle_json2(self, verb: str, path: str, headers: Mapping[str, str], content: bytes) -> OdooResponse:
        if headers.get("x-odoo-database", DATABASE) != DATABASE:
            return NOT_FOUND
        try:
            return OdooResponse(self._call_json2_method(verb, path, headers, content))
        except OdooFault as fault:
            return OdooResponse(_serialize_fault(fault), STATUS_BY_FAULT.get(fault.name, 500))

    def _call_json2_method(self, verb: str, path: str, headers: Mapping[str, str], content: bytes) -> Any:
        model, _, method = path.partition("/")
        if verb != "POST" or not method:
            raise OdooFault("werkzeug.exceptions.NotFound", "Did you mean POST /json/2/<model>/<method>?")
        scheme, _, key = headers.get("authorization", "").partition(" ")
        user = _user_of_key(key) if scheme.lower() == "bearer" else None
        if user is None:
            raise OdooFault("werkzeug.exceptions.Unauthorized", "Invalid apikey")
        named = _decode_object(content)
        ids = named.pop("ids", [])
        if model not in (*MODELS, "res.lang"):
            raise OdooFault("werkzeug.exceptions.NotFound", f"the model {model!r} does not exist")
        if not self._is_public_method(model, method):
            raise OdooFault("werkzeug.exceptions.NotFound", f"The method '{model}.{method}' does not exist")
        if method in MODEL_METHODS and ids:
            raise OdooFault(
                "werkzeug.exceptions.UnprocessableEntity", f"cannot call {model}.{method} with ids"
            )
        if method == "create" and isinstance(named.get("vals_list"), dict):
            named["vals_list"] = [named["vals_list"]]
        args = [ids] if method in RECORD_METHODS else []
        return self._call_method(user, model, method, args, named, "werkzeug.exceptions.UnprocessableEntity")

    # Both

    def _is_public_method(self, model: str, method: str) -> bool:
        """Returns whether there is such a method that may be called from afar, in this version."""
        if method.startswith("_"):
            raise OdooFault(
                "odoo.exceptions.AccessError",
                f"Private methods (such as '{model}.{method}') cannot be called remotely.",
            )
        if method == "formatted_read_group":
            return self.version >= JSON2_MIN_VERSION
        homes = {"get_available_models": "ir.model", "context_get": "res.users", "get_installed": "res.lang"}
        return method in MODEL_METHODS | RECORD_METHODS and homes.get(method, model) == model

    def _call_method(
        self, user: OdooUser, model: str, method: str, args: list[Any], named: dict[str, Any], unfit: str
    ) -> Any:
        context = named.pop("context", None) or {}
        call = {"call": f"{model}/{method}", "by": user.login, "args": args, "named": named}
        self.calls.append({**call, "context": context})
        function = getattr(OdooSession(self.records, user, self.version, context), method)
        try:
            inspect.signature(function).bind(model, *args, **named)
        except TypeError as error:
            raise OdooFault(unfit, str(error)) from None
        return function(model, *args, **named)

    def _version_info(self) -> dict[str, Any]:
        return {
            "server_version": f"{self.version}.0",
            "server_version_info": [self.version, 0, 0, "final", 0, ""],
            "server_serie": f"{self.version}.0",
            "protocol_version": 1,
        }


def _user_of_key(key: Any) -> OdooUser | None:
    """Returns the user of a key; None for an unknown or expired one."""
    return next((user for user in USERS if key in user.keys), None)


def _decode_object(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content or b"{}")
    except ValueError as error:
        raise OdooFault(
            "werkzeug.exceptions.BadRequest", f"could not parse the body as json: {error}"
        ) from None
    if not isinstance(given, dict):
        raise OdooFault("werkzeug.exceptions.BadRequest", "could not parse the body, expecting a json object")
    return given


def _serialize_fault(fault: OdooFault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "message": str(fault),
        "arguments": [str(fault)],
        "context": {},
        "debug": f"Traceback (most recent call last):\n{fault.name}: {fault}\n",
    }


def serve_odoo(odoo: OdooStandIn, port: int = 0) -> AbstractContextManager[str]:
    """Serves it on 127.0.0.1, and says where."""
    return threaded_server.serve_standin(odoo, _OdooHandler, port)


class _OdooHandler(threaded_server.StandInHandler):
    def do_POST(self) -> None:
        self._respond(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_GET(self) -> None:
        self._respond()

    def do_HEAD(self) -> None:
        self._respond()

    def _respond(self, content: bytes = b"") -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.standin.handle_request(self.command, self.path.partition("?")[0], headers, content)
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    def log_message(self, *args: Any) -> None:
        """Prints nothing."""
