"""*Set-up*, the briefs: who gets which, and an end to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.exceptions import HTTPException

from repartee.briefs.listing import BriefPage, list_brief_page, list_briefs_of
from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import ActNotes, TabAct, TabNotice, TabView
from repartee.ports.briefs import BriefStore
from repartee.ports.reminders import ReminderStore

MAX_PERSON_CHARS = 300
"""Characters of a person's id that is looked for."""


class BriefsTab:
    """The subscriptions to briefs, a page at a time or those of one person, with how they take them."""

    key, title = "briefs", "Briefs"

    def __init__(
        self, store: BriefStore, reminders: ReminderStore, notes: ActNotes, clock: Callable[[], float]
    ) -> None:
        self._store, self._reminders, self._notes, self._clock = store, reminders, notes, clock

    def acts(self) -> Mapping[str, TabAct]:
        return {"stop": self.stop}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows a page of everybody's briefs, or those of a person, and when their reminders are said."""
        person, now = request.query("person").strip()[:MAX_PERSON_CHARS], self._clock()
        if person:
            page = BriefPage(list_briefs_of(self._store, person, now))
            due = [one.due_at for one in self._reminders.list_reminders(person)]
            return TabView({"page": page, "person": person, "reminders": due})
        try:
            page = list_brief_page(self._store, now, request.query("begin"))
        except ValueError as problem:
            raise HTTPException(400, str(problem)) from None
        return TabView({"page": page, "person": "", "reminders": ()})

    def stop(self, request: ConsoleRequest) -> TabNotice:
        """Ends a person's brief."""
        person, id = request.field("person"), request.field("id")
        if not self._store.delete_subscription(person, id):
            return TabNotice("There is no such brief any more.")
        self._notes.note(request, "stop brief", person)
        return TabNotice("Stopped.")
