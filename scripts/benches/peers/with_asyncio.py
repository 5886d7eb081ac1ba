"""asyncio: ``gather`` phase after phase, the synchronous steps in threads; statuses run aside."""

from __future__ import annotations

from measuring import Build, Go, Graph, main


def load() -> Build:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=32))

    def build(graph: Graph) -> Go:
        calls = {step.name: step.call for step in graph.steps}
        statuses = [step.call for step in graph.steps if step.status]

        async def run() -> None:
            aside = [loop.run_in_executor(None, call) for call in statuses]
            for phase in graph.phases:
                await asyncio.gather(*(loop.run_in_executor(None, calls[name]) for name in phase))
            for future in aside:
                future.cancel()

        return lambda: loop.run_until_complete(run())

    return build


main(load)
