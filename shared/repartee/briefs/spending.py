"""Counts what briefs take of the models in the budgets of the day, which they share with turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from repartee.domain import usage
from repartee.domain.budget import Budget
from repartee.domain.usage import Usage, UsageTotal
from repartee.errors import BackendError
from repartee.ports import Records
from repartee.ports.logging import Logger


class BriefSpending:
    """Budgets of briefs: of the room in which they are said, and of its workspace."""

    def __init__(
        self,
        budget: Budget,
        open_records: Callable[[], Records],
        price_usage: Callable[[Iterable[Usage]], UsageTotal],
        logger: Logger,
    ) -> None:
        self._budget, self._open_records = budget, open_records
        self._price_usage, self._logger = price_usage, logger

    def is_exhausted(self, room: str, person: str) -> bool:
        """Returns whether nothing may be spent there any more today. Raises `BackendError` where that cannot
        be read."""
        if not self._budget:
            return False
        state = self._open_records().read_chat_state(room, room, person)
        return bool(self._budget.exhausted_place(state.room_usage, state.workspace_usage))

    @contextmanager
    def counting(self, room: str, attempt_id: str) -> Iterator[None]:
        """Counts the calls of models made within, once for this attempt. What cannot be counted is not."""
        with usage.collect() as calls:
            try:
                yield
            finally:
                self._add(room, attempt_id, calls)

    def _add(self, room: str, attempt_id: str, calls: list[Usage]) -> None:
        spent = self._price_usage(calls)
        if not (self._budget and spent.tokens):
            return
        try:
            self._open_records().add_usage(attempt_id, room, spent)
        except BackendError as failure:
            self._logger.warning("spending_not_counted", run=attempt_id, reason=type(failure).__name__)
