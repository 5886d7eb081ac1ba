"""Synchronous steps as a dataflow: each starts as soon as its own inputs are known.

A module is loaded when the first of its names is asked for, so that who only has a deadline to keep loads no
engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from repartee.plan import deadline

if TYPE_CHECKING:
    from repartee.plan.batch import NamedCall
    from repartee.plan.breaker import Breakers
    from repartee.plan.concurrency import batched, gather, in_batches, limit, retry, settle, timed
    from repartee.plan.errors import BreakerOpen, PlanError, Saturated, StepFailed, StepLate, StepNotStarted
    from repartee.plan.graph import CriticalPath, Graph
    from repartee.plan.outcome import Bar, Outcome, Status
    from repartee.plan.plan import Plan
    from repartee.plan.policy import REQUIRED, Retry, Speculation
    from repartee.plan.pool import Pool
    from repartee.plan.process import run_main
    from repartee.plan.run import Run

__all__ = [
    "REQUIRED",
    "Bar",
    "BreakerOpen",
    "Breakers",
    "CriticalPath",
    "Graph",
    "NamedCall",
    "Outcome",
    "Plan",
    "PlanError",
    "Pool",
    "Retry",
    "Run",
    "Saturated",
    "Speculation",
    "Status",
    "StepFailed",
    "StepLate",
    "StepNotStarted",
    "batched",
    "deadline",
    "gather",
    "in_batches",
    "limit",
    "retry",
    "run_main",
    "settle",
    "timed",
]

_NAMES_OF_MODULES = {
    "batch": ("NamedCall",),
    "breaker": ("Breakers",),
    "concurrency": ("batched", "gather", "in_batches", "limit", "retry", "settle", "timed"),
    "errors": ("BreakerOpen", "PlanError", "Saturated", "StepFailed", "StepLate", "StepNotStarted"),
    "graph": ("CriticalPath", "Graph"),
    "outcome": ("Bar", "Outcome", "Status"),
    "plan": ("Plan",),
    "policy": ("REQUIRED", "Retry", "Speculation"),
    "pool": ("Pool",),
    "process": ("run_main",),
    "run": ("Run",),
}
_MODULE_OF_NAME = {name: module for module, names in _NAMES_OF_MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_MODULE_OF_NAME[name]}"), name)
    globals()[name] = found
    return found
