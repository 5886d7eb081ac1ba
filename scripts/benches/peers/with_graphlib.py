"""The floor: the standard library's TopologicalSorter, a thread pool and a queue, and no policies at all."""

from __future__ import annotations

from measuring import Build, Go, Graph, main


def load() -> Build:
    from concurrent.futures import ThreadPoolExecutor
    from graphlib import TopologicalSorter
    from queue import SimpleQueue

    pool = ThreadPoolExecutor(max_workers=32)

    def build(graph: Graph) -> Go:
        calls = {step.name: step.call for step in graph.steps}
        befores = {step.name: step.befores for step in graph.steps}

        def go() -> None:
            sorter = TopologicalSorter(befores)
            sorter.prepare()
            done: SimpleQueue[str] = SimpleQueue()
            awaited = set(graph.targets)
            while awaited:
                for name in sorter.get_ready():
                    pool.submit(lambda name=name: done.put(calls[name]()))
                name = done.get()
                sorter.done(name)
                awaited.discard(name)

        return go

    return build


main(load)
