"""The metrics of briefs: of a schedule, and of each brief that was written."""

from __future__ import annotations

from repartee.briefs.schedule_report import ScheduleReport
from repartee.ports.metrics import MetricsLine, MetricValue


def schedule_line(report: ScheduleReport, seconds: float) -> MetricsLine:
    """Returns the metrics of one schedule."""
    return MetricsLine(
        (
            MetricValue("BriefScheduleDuration", "Milliseconds", round(seconds * 1000, 3)),
            MetricValue("BriefsQueued", "Count", report.queued),
            MetricValue("BriefsHeldBack", "Count", report.held_back + report.paused),
            MetricValue("BriefScheduleFailures", "Count", report.failed),
        )
    )


def brief_line(seconds: float, *, failed: bool, sections_failed: int) -> MetricsLine:
    """Returns the metrics of one brief that was written, or that must be tried again."""
    return MetricsLine(
        (
            MetricValue("BriefDuration", "Milliseconds", round(seconds * 1000, 3)),
            MetricValue("BriefsWritten", "Count", 1),
            MetricValue("BriefsFailed", "Count", int(failed)),
            MetricValue("BriefSectionsFailed", "Count", sections_failed),
        )
    )


def reminder_line(late_seconds: float) -> MetricsLine:
    """Returns the metric of one reminder that was said, so many seconds after its time."""
    return MetricsLine((MetricValue("ReminderDelay", "Milliseconds", round(max(0.0, late_seconds) * 1000)),))


def email_line(seconds: float, *, failed: bool) -> MetricsLine:
    """Returns the metrics of one mail that was handed over, or that must be tried again."""
    return MetricsLine(
        (
            MetricValue("EmailDuration", "Milliseconds", round(seconds * 1000, 3)),
            MetricValue("EmailsTried", "Count", 1),
            MetricValue("EmailsFailed", "Count", int(failed)),
        )
    )


def email_event_line(kind: str) -> MetricsLine:
    """Returns the metrics of what became of a mail later."""
    return MetricsLine(
        (
            MetricValue("EmailBounces", "Count", int(kind == "bounce")),
            MetricValue("EmailComplaints", "Count", int(kind == "complaint")),
            MetricValue("EmailDelays", "Count", int(kind not in ("bounce", "complaint"))),
        )
    )


BRIEF_METRICS = {
    "BriefScheduleDuration": "Milliseconds",
    "BriefsQueued": "Count",
    "BriefsHeldBack": "Count",
    "BriefScheduleFailures": "Count",
    "BriefDuration": "Milliseconds",
    "ReminderDelay": "Milliseconds",
    "BriefsWritten": "Count",
    "BriefsFailed": "Count",
    "BriefSectionsFailed": "Count",
    "EmailDuration": "Milliseconds",
    "EmailsTried": "Count",
    "EmailsFailed": "Count",
    "EmailBounces": "Count",
    "EmailComplaints": "Count",
    "EmailDelays": "Count",
}
"""The metrics of briefs, with their units. None has a dimension."""
