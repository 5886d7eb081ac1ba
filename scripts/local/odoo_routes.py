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

from local.faults import Faults
from local.severed import Severed

if TYPE_CHECKING:
    from local.odoo_standin import OdooStandIn


class OdooRoutes:
    """The stand-in, with what a test lets go wrong (`odoo:json/2/crm.lead/search_read`, `odoo:jsonrpc`)."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    @cached_property
    def odoo(self) -> OdooStandIn:
        from local.odoo_standin import OdooStandIn

        return OdooStandIn()

    def routes(self) -> list[Route]:
        return [
            Route("/odoo/{path:path}", self.call, methods=["GET", "POST"]),
            Route("/standin/odoo/calls", self.calls, methods=["GET"]),
        ]

    async def call(self, request: Request) -> Response:
        path, content = request.path_params["path"], await request.body()
        fault = self._faults.next(f"odoo:{path}")
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "error":
            return Response("<html>no</html>", fault.status, media_type="text/html")
        if fault and fault.kind == "hangup":
            return Severed()
        answer = self.odoo.answer(request.method, f"/{path}", dict(request.headers), content)
        if fault and fault.kind == "lost":
            return Severed()
        return Response(answer.content, answer.status, dict(answer.headers))

    async def calls(self, request: Request) -> Response:
        return JSONResponse(self.odoo.calls)
