"""Haystack: a pipeline of components, run asynchronously, as many at once as we have threads."""

from __future__ import annotations

from measuring import Build, Go, Graph, main


def load() -> Build:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from haystack import Pipeline, component

    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=32))

    @component
    class Called:
        def __init__(self, step) -> None:
            self._step = step
            component.set_input_types(self, **dict.fromkeys(step.befores, str))
            component.set_output_types(self, value=str)

        def run(self, **given: str) -> dict[str, str]:
            return {"value": self._step.call()}

    def build(graph: Graph) -> Go:
        pipeline = Pipeline()
        for step in graph.steps:
            pipeline.add_component(step.name, Called(step))
        for step in graph.steps:
            for before in step.befores:
                pipeline.connect(f"{before}.value", f"{step.name}.{before}")
        return lambda: loop.run_until_complete(pipeline.run_async(data={}, concurrency_limit=32))

    return build


main(load)
