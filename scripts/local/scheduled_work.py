"""Briefs, reminders and mails on the local stack: their schedule, and the queues of what is due."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local import lambda_handlers
from local.queue_poller import QueuePoller

SCHEDULE_EVENT = Path(__file__).parents[2] / "events" / "schedule" / "briefs.json"
SCHEDULE_INTERVAL_SECONDS = 5.0
"""Seconds between two schedules, for a person who watches: template.yaml has five minutes."""

SCHEDULE_TIMEOUT_SECONDS = 120.0
"""Seconds that the schedule's function has."""

QUEUE_INTERVAL_SECONDS = 0.5
"""Seconds between two looks at a queue."""

QUEUE_FUNCTIONS = {
    "BRIEFS_QUEUE_URL": "brief_write",
    "REMINDERS_QUEUE_URL": "remind",
    "BRIEF_EMAILS_QUEUE_URL": "brief_email",
}
"""Which function takes what is in a queue, by the queue's setting."""

Report = Callable[[str, str], None]


class ScheduledWork:
    """Runs the schedule and works off its queues. `report` is told what was done, and what failed."""

    def __init__(self, sqs: Any, environment: Mapping[str, str], report: Report) -> None:
        self._sqs, self._environment, self._report = sqs, environment, report

    def start(self, stopping: threading.Event) -> None:
        """Begins to work, in threads that end with the process or when it is stopping. Without queues of
        briefs there is nothing to do."""
        if not all(self._environment.get(name) for name in ("BRIEFS_QUEUE_URL", "REMINDERS_QUEUE_URL")):
            return
        self._run_every(SCHEDULE_INTERVAL_SECONDS, stopping, self._make_schedule)
        for setting, function in QUEUE_FUNCTIONS.items():
            if function != "brief_email" or self._environment.get("EMAIL_FROM"):
                self._run_every(QUEUE_INTERVAL_SECONDS, stopping, self._make_poll(setting, function))

    def _make_schedule(self) -> Callable[[], None]:
        handler = lambda_handlers.load_handler("brief_schedule")

        def run_schedule() -> None:
            context = lambda_handlers.LambdaContext("brief_schedule", SCHEDULE_TIMEOUT_SECONDS)
            done = handler(json.loads(SCHEDULE_EVENT.read_text()), context)
            if done["queued"]:
                self._report("[magenta]briefs[/] queued", str(done["queued"]))

        return run_schedule

    def _make_poll(self, setting: str, function: str) -> Callable[[], Callable[[], None]]:
        def make() -> Callable[[], None]:
            poller = QueuePoller(
                self._sqs, self._environment[setting], lambda_handlers.load_handler(function)
            )

            def poll_queue() -> None:
                if done := poller.poll_queue(wait=0):
                    self._report(f"[magenta]{function}[/] done", str(done))

            return poll_queue

        return make

    def _run_every(
        self, seconds: float, stopping: threading.Event, make: Callable[[], Callable[[], None]]
    ) -> None:
        """Runs what is made in a thread of its own. What fails is told, and tried again the next time."""

        def work() -> None:
            run: Callable[[], None] | None = None
            while not stopping.wait(seconds):
                try:
                    run = run or make()
                    run()
                except Exception as failure:  # noqa: BLE001  (the next round goes on)
                    self._report(f"[red]{type(failure).__name__}[/] in briefs and reminders", str(failure))

        threading.Thread(target=work, daemon=True).start()
