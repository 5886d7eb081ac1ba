"""Stands in for AppConfig's control plane: versions of flags, and their deployments at once.

https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Operations_Amazon_AppConfig.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FIRST_FLAGS = {
    "version": "1",
    "flags": {"parallel": {"name": "parallel", "attributes": {"percent": {"constraints": {}}}}},
    "values": {"parallel": {"enabled": True, "percent": 100}},
}
MAX_RESULTS = 50
"""Entries of a page at the most."""


class FlagsControlPlane:
    """One profile and one environment. `deliver` is given the values of what is deployed."""

    def __init__(self, clock: Callable[[], float], deliver: Callable[[Any], None]) -> None:
        self._clock, self._deliver = clock, deliver
        self._versions: list[bytes] = [json.dumps(FIRST_FLAGS).encode()]
        self._deployments: list[dict[str, Any]] = []
        self._start(1)

    def routes(self, prefix: str = "") -> list[Route]:
        application = f"{prefix}/applications/{{application}}"
        versions = f"{application}/configurationprofiles/{{profile}}/hostedconfigurationversions"
        deployments = f"{application}/environments/{{environment}}/deployments"
        return [
            Route(versions, self._list_versions, methods=["GET"]),
            Route(versions, self._create_version, methods=["POST"]),
            Route(f"{versions}/{{number:int}}", self._get_version, methods=["GET"]),
            Route(deployments, self._list_deployments, methods=["GET"]),
            Route(deployments, self._start_deployment, methods=["POST"]),
        ]

    async def _list_versions(self, request: Request) -> Response:
        newest_first = range(len(self._versions), 0, -1)
        return _page_response(
            request, [{"VersionNumber": one, "ContentType": "application/json"} for one in newest_first]
        )

    async def _create_version(self, request: Request) -> Response:
        latest = request.headers.get("latest-version-number")
        if latest is not None and int(latest) != len(self._versions):
            return _error_response(409, "ConflictException", "this is not the latest version")
        content = await request.body()
        if problem := _find_problem(content):
            return _error_response(400, "BadRequestException", problem)
        self._versions.append(content)
        return _version_response(len(self._versions), content, 201)

    async def _get_version(self, request: Request) -> Response:
        number = request.path_params["number"]
        if not 1 <= number <= len(self._versions):
            return _error_response(404, "ResourceNotFoundException", "there is no such version")
        return _version_response(number, self._versions[number - 1], 200)

    async def _list_deployments(self, request: Request) -> Response:
        return _page_response(request, self._deployments[::-1])

    async def _start_deployment(self, request: Request) -> Response:
        number = int((await request.json())["ConfigurationVersion"])
        if not 1 <= number <= len(self._versions):
            return _error_response(404, "ResourceNotFoundException", "there is no such version")
        return JSONResponse(self._start(number), 201)

    def _start(self, number: int) -> dict[str, Any]:
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat()
        deployed = {
            "DeploymentNumber": len(self._deployments) + 1,
            "ConfigurationName": "flags",
            "ConfigurationVersion": str(number),
            "State": "COMPLETE",
            "StartedAt": at,
            "CompletedAt": at,
            "PercentageComplete": 100.0,
        }
        self._deployments.append(deployed)
        values = json.loads(self._versions[number - 1])["values"]
        # a flag that is off is delivered without its attributes
        shown = {name: one if one["enabled"] else {"enabled": False} for name, one in values.items()}
        self._deliver(shown)
        return deployed


def _find_problem(content: bytes) -> str:
    """Returns what is wrong with flags; empty if nothing is."""
    try:
        flag = json.loads(content)["values"]["parallel"]
        return "" if 0 <= flag["percent"] <= 100 else "percent is not between 0 and 100"
    except (ValueError, KeyError, TypeError):
        return "these are no flags"


def _version_response(number: int, content: bytes, status: int) -> Response:
    headers = {"Version-Number": str(number)}
    return Response(content, status, headers, media_type="application/json")


def _page_response(request: Request, items: list[dict[str, Any]]) -> Response:
    begin = int(request.query_params.get("next_token", 0))
    end = begin + min(int(request.query_params.get("max_results", MAX_RESULTS)), MAX_RESULTS)
    more = {"NextToken": str(end)} if end < len(items) else {}
    return JSONResponse({"Items": items[begin:end], **more})


def _error_response(status: int, code: str, message: str) -> Response:
    return JSONResponse({"Message": message}, status, {"x-amzn-ErrorType": code})
