"""Phase after phase, each with an executor of its own that is waited for; statuses run aside."""

from __future__ import annotations

from measuring import Build, Go, Graph, main


def load() -> Build:
    from concurrent.futures import ThreadPoolExecutor

    aside = ThreadPoolExecutor(max_workers=32)

    def build(graph: Graph) -> Go:
        calls = {step.name: step.call for step in graph.steps}
        statuses = [step.call for step in graph.steps if step.status]

        def go() -> None:
            for call in statuses:
                aside.submit(call)
            for phase in graph.phases:
                with ThreadPoolExecutor(max_workers=len(phase)) as executor:
                    for future in [executor.submit(calls[name]) for name in phase]:
                        future.result()

        return go

    return build


main(load)
