"""The stand-ins for Slack and the model, served over HTTP from a thread of the test."""

from __future__ import annotations

import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from time import sleep, time
from typing import Any

import openai
import slack_sdk
import uvicorn

from standins.faults import FaultQueue
from standins.openai.server import KEY, ModelStandIn, Pace
from standins.server import StandInServer
from standins.slack.server import BOT_TOKEN, SlackStandIn


@dataclass
class StandInClient:
    """The stand-ins, served to this test."""

    url: str
    standins: StandInServer

    def make_slack_client(self, token: str = BOT_TOKEN) -> slack_sdk.WebClient:
        return slack_sdk.WebClient(token, base_url=f"{self.url}/slack/api/")

    def make_model_client(self, key: str = KEY) -> openai.OpenAI:
        return openai.OpenAI(api_key=key, base_url=f"{self.url}/openai/v1", max_retries=0)

    def post_json(self, path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/standin/{path}", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        return json.load(urllib.request.urlopen(request))

    def get_json(self, path: str) -> Any:
        return json.load(urllib.request.urlopen(f"{self.url}/standin/{path}"))

    def reset_standins(self) -> None:
        """Leaves nothing in the stand-ins of what an earlier test did."""
        fresh = _make_standins()
        self.standins.replace_state(fresh.slack, fresh.model)
        self.standins.faults.waiting.clear()


@contextmanager
def serve_standins() -> Iterator[StandInClient]:
    """The stand-ins on a free port."""
    standins = _make_standins()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(standins.make_app(), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            sleep(0.01)
        yield StandInClient(f"http://127.0.0.1:{listener.getsockname()[1]}", standins)
        server.should_exit = server.force_exit = True  # nobody waits for an answer that is slow on purpose
        thread.join()


def _make_standins() -> StandInServer:
    pace = Pace(first_token=0.0, per_second=100_000)
    return StandInServer(SlackStandIn(time), ModelStandIn(time, pace, randomness=Random(1)), FaultQueue())
