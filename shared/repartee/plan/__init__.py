"""Synchronous steps as a dataflow: each starts the moment that its own inputs are there."""

from repartee.plan import deadline
from repartee.plan.breaker import Breakers
from repartee.plan.calls import batched, gather, limit, retry, settle, timed
from repartee.plan.errors import BreakerOpen, PlanError, Saturated, StepFailed, StepLate
from repartee.plan.graph import CriticalPath, Graph
from repartee.plan.outcome import Bar, Kind, Outcome
from repartee.plan.plan import Plan
from repartee.plan.policy import REQUIRED, Retry, Speculation
from repartee.plan.pool import Pool
from repartee.plan.run import Run

__all__ = [
    "REQUIRED",
    "Bar",
    "BreakerOpen",
    "Breakers",
    "CriticalPath",
    "Graph",
    "Kind",
    "Outcome",
    "Plan",
    "PlanError",
    "Pool",
    "Retry",
    "Run",
    "Saturated",
    "Speculation",
    "StepFailed",
    "StepLate",
    "batched",
    "deadline",
    "gather",
    "limit",
    "retry",
    "settle",
    "timed",
]
