"""Takes jobs from the queue of briefs, and says which must come again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repartee.briefs.metrics import brief_line
from repartee.briefs.writing import BriefWriter
from repartee.domain.brief import BriefJob
from repartee.errors import BackendError, LeaseLost, log_fields
from repartee.ports.logging import Logger
from repartee.ports.metrics import EmitMetrics


class BriefJobs:
    """Writes the briefs of a batch, one after another."""

    def __init__(
        self, writer: BriefWriter, clock: Callable[[], float], logger: Logger, emit_metrics: EmitMetrics
    ) -> None:
        self._writer, self._clock, self._logger, self._emit_metrics = writer, clock, logger, emit_metrics

    def write_all(self, jobs: Mapping[str, BriefJob], until: float) -> list[str]:
        """Writes the jobs, by the ids of their messages, and returns the ids of those that must come
        again."""
        return [id for id, job in jobs.items() if not self._try_write(job, until)]

    def _try_write(self, job: BriefJob, until: float) -> bool:
        self._logger.set_correlation_id(job.turn_id)
        began = self._clock()
        try:
            written = self._writer.write(job, until)
        except LeaseLost:  # another worker goes on with it
            self._logger.warning("brief_lease_lost", run=job.turn_id)
            return True
        except Exception as failure:  # noqa: BLE001 - whatever it was, the job must come back
            level = self._logger.warning if isinstance(failure, BackendError) else self._logger.error
            level("brief_failed", run=job.turn_id, **log_fields(failure))
            self._emit_metrics(brief_line(self._clock() - began, failed=True, sections_failed=0))
            return False
        self._logger.info(
            "brief_written", run=job.turn_id, result=written.result, sections_failed=written.failed_sections
        )
        if written.result in ("delivered", "empty", "failed"):
            failed = written.result == "failed"
            self._emit_metrics(
                brief_line(self._clock() - began, failed=failed, sections_failed=written.failed_sections)
            )
        return written.result != "held"
