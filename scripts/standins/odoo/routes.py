"""The stand-in for Odoo behind HTTP, made when it is first asked.

/odoo/{path}                 Odoo itself                                   (ODOO_URL is …/odoo)
GET /standin/odoo/calls      every call of a model's method, in order: by whom, with what
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.faults import FaultQueue
from standins.truncated_response import TruncatedResponse

if TYPE_CHECKING:
    from standins.odoo.server import OdooStandIn


class OdooRoutes:
    """The stand-in, with what a test lets go wrong (`odoo:json/2/crm.lead/search_read`, `odoo:jsonrpc`)."""

    def __init__(self, faults: FaultQueue) -> None:
        self._faults = faults

    @cached_property
    def standin(self) -> OdooStandIn:
        from standins.odoo.server import OdooStandIn

        return OdooStandIn()

    def routes(self) -> list[Route]:
        return [
            Route("/odoo/{path:path}", self.handle_call, methods=["GET", "POST"]),
            Route("/standin/odoo/calls", self.list_calls, methods=["GET"]),
        ]

    async def handle_call(self, request: Request) -> Response:
        path, content = request.path_params["path"], await request.body()
        fault = self._faults.take_next(f"odoo:{path}")
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "error":
            return Response("<html>no</html>", fault.status, media_type="text/html")
        if fault and fault.kind == "hangup":
            return TruncatedResponse()
        answer = self.standin.handle_request(request.method, f"/{path}", dict(request.headers), content)
        if fault and fault.kind == "lost":
            return TruncatedResponse()
        return Response(answer.content, answer.status, dict(answer.headers))

    async def list_calls(self, request: Request) -> Response:
        return JSONResponse(self.standin.calls)
