"""The stream's app: messages over HTTP in, server-sent events out. uvicorn runs it behind the Web Adapter."""

from __future__ import annotations

from repartee.wiring import wired

wired().make("early")
app = wired().stream
