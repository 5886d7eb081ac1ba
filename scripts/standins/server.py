"""Serves the stand-ins of the platforms, the model, Odoo and AppConfig over HTTP.

    python -m standins.server --port 8400

The routes of each service are listed at the top of its routes.py, AppConfig's in its server.py. Beside them:

POST /standin/faults             injects a fault (faults.py); DELETE removes all
GET  /standin/ready              answers once the server accepts requests
"""

from __future__ import annotations

import argparse
import random
import socket
import threading
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.server_processes import LOOPBACK, end_with_parent
from standins.appconfig.control_plane import FlagsControlPlane
from standins.appconfig.server import AppConfigStandIn
from standins.faults import FaultQueue, StandInFault
from standins.odoo.routes import OdooRoutes
from standins.openai.routes import ModelRoutes
from standins.openai.server import ModelStandIn, Pace
from standins.slack.routes import SlackRoutes
from standins.slack.server import SlackStandIn
from standins.telegram.routes import TelegramRoutes
from standins.telegram.server import TelegramStandIn
from standins.webhooks.server import WebhookReceiverStandIn
from standins.whatsapp.routes import WhatsAppRoutes
from standins.whatsapp.server import WhatsAppStandIn


class StandInServer:
    """Serves Slack, the model and the faults of all services on one event loop."""

    def __init__(self, slack: SlackStandIn, model: ModelStandIn, faults: FaultQueue) -> None:
        self.faults = faults
        self._slack_routes, self._model_routes = SlackRoutes(slack, faults), ModelRoutes(model, faults)

    @property
    def slack(self) -> SlackStandIn:
        return self._slack_routes.slack

    @property
    def model(self) -> ModelStandIn:
        return self._model_routes.model

    def replace_state(self, slack: SlackStandIn, model: ModelStandIn) -> None:
        """Serves these from now on, for instance at the beginning of a test."""
        self._slack_routes.slack, self._model_routes.model = slack, model

    def make_app(self) -> Starlette:
        return Starlette(
            routes=[
                *self._slack_routes.routes(),
                *self._model_routes.routes(),
                Route("/standin/faults", self.inject_fault, methods=["POST", "DELETE"]),
                Route("/standin/ready", lambda request: JSONResponse({"ok": True}), methods=["GET"]),
            ]
        )

    async def inject_fault(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.waiting.clear()
        else:
            self.faults.waiting.append(StandInFault(**await request.json()))
        return JSONResponse({"ok": True})


def main(make_model: Callable[..., ModelStandIn] = ModelStandIn) -> None:
    """Serves until the process ends, with this stand-in for the model."""
    import uvicorn

    options = _parse_arguments()
    pace = Pace(options.first_token_ms / 1000, options.tokens_per_second)
    model = make_model(time.time, pace, randomness=random.Random())
    faults = FaultQueue()
    app = StandInServer(SlackStandIn(time.time), model, faults).make_app()
    app.routes.extend(TelegramRoutes(TelegramStandIn(time.time), faults).routes())
    app.routes.extend(WhatsAppRoutes(WhatsAppStandIn(time.time), faults).routes())
    app.routes.extend(OdooRoutes(faults).routes())
    flags = AppConfigStandIn(time.time)
    app.routes.extend(flags.routes("/appconfig"))
    app.routes.extend(FlagsControlPlane(time.time, flags.deploy_flags).routes("/appconfig"))
    app.routes.extend(WebhookReceiverStandIn(time.time).routes())
    threading.Thread(target=_warm_up_embedder, daemon=True).start()
    if options.fd:
        end_with_parent()
    config = uvicorn.Config(
        app, LOOPBACK, options.port, log_level="warning", access_log=False, lifespan="off"
    )
    # uvicorn's own `fd` takes it for a Unix socket: every answer would then wait 40 ms for an ACK.
    uvicorn.Server(config).run([socket.socket(fileno=options.fd)] if options.fd else None)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serves the stand-ins for the platforms and the model.")
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument("--fd", type=int, help="a listening socket that is handed over, instead of a port")
    parser.add_argument("--first-token-ms", type=float, default=350, help="how long the model thinks")
    parser.add_argument("--tokens-per-second", type=float, default=90, help="how fast it then writes")
    return parser.parse_args()


def _warm_up_embedder() -> None:
    """Loads the weights of the embedder, so that the first request need not wait for them."""
    from standins.openai.local_embeddings import load_local_model

    load_local_model().embed("warm")


if __name__ == "__main__":
    main()
