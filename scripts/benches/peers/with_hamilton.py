"""Hamilton: a module of functions, run through its adapter for thread pools."""

from __future__ import annotations

from measuring import Build, Go, Graph, main


def load() -> Build:
    from inspect import Parameter, Signature
    from itertools import count
    from types import FunctionType

    from hamilton import ad_hoc_utils, driver
    from hamilton.plugins.h_threadpool import FutureAdapter

    numbers = count()

    def function(step) -> FunctionType:
        def call(**given: object) -> str:
            return step.call()

        call.__name__ = call.__qualname__ = step.name
        call.__signature__ = Signature(
            [Parameter(need, Parameter.KEYWORD_ONLY, annotation=str) for need in step.befores],
            return_annotation=str,
        )
        call.__annotations__ = dict.fromkeys(step.befores, str) | {"return": str}
        return call

    def build(graph: Graph) -> Go:
        module = ad_hoc_utils.create_temporary_module(
            *map(function, graph.steps), module_name=f"graph{next(numbers)}"
        )
        ready = driver.Builder().with_modules(module).with_adapters(FutureAdapter(max_workers=32)).build()
        return lambda: ready.execute(list(graph.targets))

    return build


main(load)
