"""The mails that the stand-in of SES has taken, as pages of the local server: nothing is sent anywhere."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Sequence
from email.message import EmailMessage
from html import escape
from typing import Any
from urllib.request import urlopen

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

SENDER_ADDRESS = "briefs@repartee.example"
LINKS_KEY = "for-the-local-stack-only-email-links-key"
READ_TIMEOUT_SECONDS = 30.0

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'"
"""A mail's page runs nothing and loads nothing, as in a mail client."""

LIST_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mails</title>
<style>body{{font:16px/1.5 system-ui;max-width:44rem;margin:2rem auto;padding:0 1rem}}</style>
<h1>Mails</h1><p>Taken by the stand-in of SES, the newest first. None has left this machine.</p>
<ul>{rows}</ul></html>
"""
ROW = '<li><a href="/mails/{number}">{subject}</a> to {to} (<a href="/mails/{number}.txt">as text</a>)</li>'


def create_sender(ses: Any) -> None:
    """Makes the identity that sends."""
    ses.create_email_identity(EmailIdentity=SENDER_ADDRESS)


class SentMails:
    """Reads the mails of the stand-in at `moto_url`."""

    def __init__(self, moto_url: str) -> None:
        self._moto_url = moto_url

    def routes(self) -> list[Route]:
        """Returns the list, each mail as a page, and each as text."""
        return [
            Route("/mails", self._show_list),
            Route("/mails/{number:int}", self._show_page),
            Route("/mails/{number:int}.txt", self._show_text),
        ]

    def read_all(self) -> Sequence[EmailMessage]:
        """Returns the mails, the oldest first."""
        with urlopen(f"{self._moto_url}/moto-api/data.json", timeout=READ_TIMEOUT_SECONDS) as answer:
            kept = json.load(answer).get("ses", {}).get("RawMessage", [])
        return [email.message_from_string(one["raw_data"], policy=email.policy.default) for one in kept]

    async def _show_list(self, request: Request) -> Response:
        mails = await run_in_threadpool(self.read_all)
        rows = [
            ROW.format(number=number, subject=escape(str(mail["Subject"])), to=escape(str(mail["To"])))
            for number, mail in enumerate(mails, 1)
        ]
        return HTMLResponse(LIST_PAGE.format(rows="".join(reversed(rows))))

    async def _show_page(self, request: Request) -> Response:
        page = await self._find_body(request, "html")
        if page is None:
            return PlainTextResponse("there is no such mail", 404)
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    async def _show_text(self, request: Request) -> Response:
        text = await self._find_body(request, "plain")
        return PlainTextResponse("there is no such mail", 404) if text is None else PlainTextResponse(text)

    async def _find_body(self, request: Request, kind: str) -> str | None:
        mails, number = await run_in_threadpool(self.read_all), request.path_params["number"]
        if not 1 <= number <= len(mails):
            return None
        body = mails[number - 1].get_body((kind,))
        return str(body.get_content()) if body else None
