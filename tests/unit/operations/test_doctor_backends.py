"""scripts/doctor asks Weaviate, AWS and Odoo, and tells what each refuses."""

from __future__ import annotations

from collections.abc import Iterator

import botocore.session
import pytest
from moto.server import ThreadedMotoServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from repartee.domain.finding import Finding
from repartee.operations.backend_checks import COLLECTION_NAMES, check_aws, check_odoo, check_weaviate
from repartee.settings import Settings
from standins.faults import FaultQueue
from standins.odoo.company import DATABASE
from standins.odoo.routes import OdooRoutes
from tests.support import aws
from tests.support.web_instances import serve_app


def weaviate_app(names: set[str]) -> Starlette:
    """Weaviate's schema, for those who have the key."""

    async def schema(request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer k1":
            return JSONResponse({"code": 401}, 401)
        return JSONResponse({"classes": [{"class": name} for name in sorted(names)]})

    return Starlette(routes=[Route("/v1/schema", schema)])


def describe(found: Iterator[Finding]) -> tuple[set[str], str]:
    """The kinds of findings, and their facts with the advice."""
    all_found = list(found)
    return {one.kind for one in all_found}, "\n".join(f"{one.fact} → {one.advice}" for one in all_found)


@pytest.mark.parametrize(
    "key, names, kinds, text",
    [
        ("k1", COLLECTION_NAMES, {"ok"}, "has the collections"),
        ("k1", {"UserMessage"}, {"wrong"}, "lacks AssistantMessage, Meeting → Weaviate: scripts/schema"),
        ("k2", COLLECTION_NAMES, {"wrong"}, "the key is refused → Weaviate: set WEAVIATE_API_KEY"),
    ],
)
def test_weaviate(key: str, names: set[str], kinds: set[str], text: str) -> None:
    """The key and the collections."""
    with serve_app(weaviate_app(names)) as url:
        found, facts = describe(check_weaviate(Settings({"WEAVIATE_URL": url, "WEAVIATE_API_KEY": key}), ""))

    assert found == kinds
    assert text in facts


def test_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there answers; what is not is named with the error's code."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    for name, value in {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "eu-central-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    table = aws.make_table(aws.make_client("dynamodb", url))
    environment = {"RECORDS_TABLE": table, "SECRETS_ID": "nowhere"}

    make_client = botocore.session.get_session().create_client
    found, facts = describe(check_aws(Settings(environment), "", environment, make_client))
    server.stop()

    assert found == {"ok", "wrong"}
    assert "the table answers" in facts
    assert "the secrets: ResourceNotFoundException" in facts


@pytest.mark.parametrize("key, kind", [("key-of-the-reader", "ok"), ("wrong", "wrong")])
def test_odoo(key: str, kind: str) -> None:
    """The shared login, by the same client that the turn has; nobody's own account is read."""
    with serve_app(Starlette(routes=OdooRoutes(FaultQueue()).routes())) as url:
        login = {"ODOO_USER": "assistant@butler.example", "ODOO_API_KEY": key}
        environment = {"ODOO_URL": f"{url}/odoo", "ODOO_DATABASE": DATABASE, **login}
        found, _ = describe(check_odoo(Settings(environment), ""))

    assert found == {kind}
