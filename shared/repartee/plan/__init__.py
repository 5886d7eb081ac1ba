"""Synchronous steps as a dataflow: each starts as soon as its own inputs are known."""

from repartee.plan import deadline
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
