"""The stream's app on one machine: reached under /chat, with a stand-in for the login service beside it."""

from __future__ import annotations

import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Route

from repartee.channels.web.chat_component import SCRIPT_PATH
from repartee.wiring.functions import stream_app
from standins.oidc.server import AUDIENCE, OidcStandIn

if TYPE_CHECKING:
    from repartee.wiring import Wiring

PAGE_FILE = Path(__file__).with_name("page.html")


def web_routes(
    parts: Wiring, settings: MutableMapping[str, str], url: str, issuer: OidcStandIn | None
) -> list[BaseRoute]:
    """A page and the web's routes on the server at `url`. Where no issuer is set, people may call themselves
    anything: GET /issuer/token?sub=ada."""
    issuing = _with_issuer(settings, url, issuer) if issuer else []
    app = parts.get(stream_app)
    page = Route("/", lambda request: FileResponse(PAGE_FILE))
    paths = ("/chat", SCRIPT_PATH, "/chat/{turn}/events", "/chat/{conversation}/live")
    return [page, *(Route(path, app) for path in paths), *issuing]


def make_issuer(settings: Mapping[str, str]) -> OidcStandIn | None:
    """Returns the stand-in for a login service, where none is set."""
    return None if settings.get("WEB_JWKS_URL") else OidcStandIn(time.time)


def _with_issuer(settings: MutableMapping[str, str], url: str, issuer: OidcStandIn) -> list[Route]:
    settings.update(WEB_JWKS_URL=f"{url}/issuer/jwks.json", WEB_AUDIENCE=AUDIENCE)
    settings.setdefault("WEB_ORIGINS", "*")
    return issuer.routes()


def example_command(url: str) -> str:
    """How to talk to it on a command line."""
    token = f"$(curl -s '{url}/issuer/token?sub=ada')"
    body = '{"text": "when does Lisbon open?"}'
    return f"""curl -N {url}/chat -H "Authorization: Bearer {token}" -d '{body}'"""
