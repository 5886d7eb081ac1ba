"""The stream's app: messages over HTTP in, server-sent events out. uvicorn runs it behind the Web Adapter."""

from __future__ import annotations

from repartee.wiring import current_wiring
from repartee.wiring.functions import stream_app
from repartee.wiring.warm_up import warm_up_thread

current_wiring().make_parts(stream_app, warm_up_thread)
app = current_wiring().get(stream_app)
