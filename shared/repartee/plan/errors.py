"""What the engine raises.

Exception
├── PlanError                a plan that cannot be built, or inputs that do not fit it: a mistake in a program
├── StepFailed               a step that the targets need has failed; its cause is attached
├── Refused                  a step was not called at all
│   ├── Saturated            every thread that may be had is held by late work
│   └── BreakerOpen          its backend has failed too often of late
└── TimeoutError
    └── StepLate             a step's time, or its run's, was over
"""


class PlanError(Exception):
    """The plan contradicts itself; the message names the step and says what to change."""


class StepFailed(Exception):
    """A required step failed. ``step`` is its name, ``reason`` its outcome's; the cause is attached."""

    def __init__(self, step: str, reason: str | None) -> None:
        super().__init__(f"the step {step!r} failed ({reason}) and has no fallback")
        self.step = step
        self.reason = reason


class Refused(Exception):
    """The step was not called, because the call could only have made things worse."""


class Saturated(Refused):
    """Late work holds every thread that the pool may have; the process should be replaced."""


class BreakerOpen(Refused):
    """The backend's breaker is open: it has failed too often of late to be asked now."""


class StepLate(TimeoutError):
    """The step had not ended when its time was over. Its thread may still be at it; nobody listens."""
