"""A person with a browser, at the console and at the login service: scripts/support/oidc-server.mjs."""

from __future__ import annotations

import re
from typing import Any

import httpx2
from starlette.testclient import TestClient

CONSOLE_URL = "https://console.example.com"
CLIENT_ID, CLIENT_SECRET = "repartee-console", "a secret: of the % tests"


class OidcBrowser:
    """Follows redirects between the two, and fills in the login service's forms."""

    def __init__(self, console: TestClient, issuer: str, login: str) -> None:
        self.console, self.issuer, self.login = console, issuer, login
        self.asked = 0
        self._provider = httpx2.Client(timeout=10)

    def declare_person(self, **claims: Any) -> None:
        """Sets what the login service knows of the person."""
        assert httpx2.post(f"{self.issuer}/people/{self.login}", json=claims).status_code == 204

    def leave_provider(self) -> None:
        """Ends the person's session at the login service."""
        self._provider.cookies.clear()

    def open(self, path: str) -> Any:
        """Opens a page, wherever that leads. Returns the console's last answer."""
        answer = self.console.get(path, follow_redirects=False)
        for _ in range(8):
            target = answer.headers.get("location", "")
            if not target:
                return answer
            if target.startswith(self.issuer):
                target = self.visit_provider(target)
            answer = self.console.get(target.removeprefix(CONSOLE_URL), follow_redirects=False)
        raise AssertionError("the console and the login service send the person to and fro")

    def visit_provider(self, url: str) -> str:
        """Does what the login service asks. Returns where it leads back to."""
        answer = self._provider.get(url)
        for _ in range(10):
            while target := answer.headers.get("location", ""):
                if target.startswith(CONSOLE_URL):
                    return str(target)
                answer = self._provider.get(str(answer.url.join(target)))
            answer = self._fill_in(answer)
        raise AssertionError("the login service leads nowhere")

    def _fill_in(self, answer: Any) -> Any:
        action = re.search(r'action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
        assert action, answer.text
        assert prompt, answer.text
        self.asked += 1
        form = {"prompt": prompt[1], "login": self.login, "password": "any"}
        return self._provider.post(str(answer.url.join(action[1])), data=form)
