"""The errors of the engine.

Exception
├── PlanError                a plan that cannot be built, or inputs that do not fit it: a programming mistake
├── StepFailed               a step that the targets need has failed; its cause is attached
├── StepNotStarted           a step was not called at all
│   ├── Saturated            every thread that the pool may use is held by late tasks
│   └── BreakerOpen          its backend has failed too often recently
└── TimeoutError
    └── StepLate             a step, or its run, ran out of time
"""


class PlanError(Exception):
    """The plan contradicts itself; the message names the step and says what to change."""


class StepFailed(Exception):
    """A required step failed. ``step`` is its name, ``reason`` its outcome's; the cause is attached."""

    def __init__(self, step: str, reason: str | None) -> None:
        super().__init__(f"the step {step!r} failed ({reason}) and has no fallback")
        self.step = step
        self.reason = reason


class StepNotStarted(Exception):
    """The step was not called, because the call could only have made things worse."""


class Saturated(StepNotStarted):
    """Late tasks hold every thread that the pool may use; the process should be replaced."""


class BreakerOpen(StepNotStarted):
    """The backend's breaker is open: the backend has failed too often recently to be called now."""


class StepLate(TimeoutError):
    """The step had not ended when its time was over. Its thread may still run; its result is ignored."""
