"""*Set-up*: a page of tabs, of which a deployment has those that it can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.pages import PREFIX, NavigationItem
from repartee.console.setup_tab import SetupTab, TabAct, TabNotice, TabPart, TabView, WatchedTab

TAB_ORDER = ("checks", "switch", "routes", "desk", "knowledge", "briefs", "people")
"""The tabs in the order in which they stand."""

MAX_TOLD_CHARS = 500
"""Characters of what a page says that it was led to."""


class SetupSection:
    """The pages of *Set-up*. All of them are for administrators."""

    def __init__(self, app: ConsoleApp, tabs: Sequence[SetupTab]) -> None:
        self._app = app
        self._tabs = {one.key: one for one in sorted(tabs, key=lambda one: TAB_ORDER.index(one.key))}

    def section(self) -> ConsoleSection:
        """Returns the entry and the routes."""
        posts = (
            ConsoleRoute(f"/setup/{tab.key}/{name}", self._carry_out(tab, act), Role.ADMIN, ("POST",))
            for tab in self._tabs.values()
            for name, act in tab.acts().items()
        )
        parts = (
            ConsoleRoute(f"/setup/{tab.key}/{name}", self._carry_out(tab, act), Role.ADMIN)
            for tab in self._tabs.values()
            if isinstance(tab, WatchedTab)
            for name, act in tab.parts().items()
        )
        page = ConsoleRoute("/setup", self.show_page, Role.ADMIN)
        forms = ConsoleRoute("/setup/{tab}/{act}", self.show_tab, Role.ADMIN)
        return ConsoleSection(NavigationItem("/setup", "Set-up"), (page, *posts, *parts, forms))

    def show_page(self, request: ConsoleRequest) -> Response:
        """One tab of the page; the first, if none is named."""
        tab = self._tabs.get(request.query("tab")) or next(iter(self._tabs.values()))
        return self._render(tab, tab.read(request), request)

    def show_tab(self, request: ConsoleRequest) -> Response:
        """Leads from the address of a form, which a check of the role came back to, to its page."""
        return RedirectResponse(f"{PREFIX}/setup?{urlencode({'tab': request.path['tab']})}", 303)

    def _carry_out(self, tab: SetupTab, act: TabAct) -> Callable[[ConsoleRequest], Response]:
        return partial(self._answer, tab, act)

    def _answer(self, tab: SetupTab, act: TabAct, request: ConsoleRequest) -> Response:
        answer = act(request)
        if isinstance(answer, TabNotice):
            query = {"tab": tab.key, "told": answer.told, **answer.query}
            return RedirectResponse(f"{PREFIX}/setup?{urlencode(query)}", 303)
        if isinstance(answer, TabPart):
            part = self._app.render(answer.template, request, **answer.values, tab=tab.key)
            part.status_code = answer.status
            return part
        return self._render(tab, answer, request) if isinstance(answer, TabView) else answer

    def _render(self, tab: SetupTab, view: TabView, request: ConsoleRequest) -> Response:
        titles = {key: one.title for key, one in self._tabs.items()}
        told = view.told or request.query("told")[:MAX_TOLD_CHARS]
        shown = {"tab": tab.key, "tabs": titles, "told": told, "problems": view.problems}
        return self._app.render("setup.html", request, **view.values, **shown)
