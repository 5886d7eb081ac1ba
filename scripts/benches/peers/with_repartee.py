"""Repartee's own engine; with the argument ``speculating``, gated reads do not wait for their gate."""

from __future__ import annotations

import sys

from measuring import Build, Go, Graph, Step, main


def load() -> Build:
    from repartee.plan import Plan, Pool

    pool = Pool()

    def build(graph: Graph) -> Go:
        from inspect import Parameter, Signature

        def function(step: Step):
            def call(**given: object) -> str:
                return step.call(**given)

            call.__signature__ = Signature([Parameter(need, Parameter.KEYWORD_ONLY) for need in step.needs])
            return call

        plan = Plan("coach")
        for step in graph.steps:
            gate = {}
            if step.gate:
                gate = {"when": lambda router: router, "speculate": "speculating" in sys.argv}
            plan.step(name=step.name, status=step.status, **gate)(function(step))
        built = plan.build(targets=graph.targets)

        def go() -> None:
            run = built.start({}, pool=pool)
            for _ in run.until_ready():
                pass
            run.close()

        return go

    return build


main(load)
