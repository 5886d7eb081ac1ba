"""LangChain: RunnableParallel, nested as the graph branches, which works because the coach's is a tree."""

from __future__ import annotations

from measuring import Build, Go, Graph, main


def load() -> Build:
    from langchain_core.runnables import RunnableLambda, RunnableParallel

    def build(graph: Graph) -> Go:
        after: dict[str, list] = {step.name: [] for step in graph.steps}
        roots = []
        for step in graph.steps:
            (after[step.befores[0]] if step.befores else roots).append(step)

        def below(step):
            this = RunnableLambda(step.call)
            nexts = after[step.name]
            return this | RunnableParallel({each.name: below(each) for each in nexts}) if nexts else this

        def chained(step):
            """A chain without branches is a sequence; nesting it would be unfair and would not end well."""
            whole = RunnableLambda(step.call)
            while after[step.name]:
                (step,) = after[step.name]
                whole = whole | RunnableLambda(step.call)
            return whole

        deep = len(roots) == 1 and all(len(nexts) < 2 for nexts in after.values())
        whole = chained(roots[0]) if deep else RunnableParallel({step.name: below(step) for step in roots})
        return lambda: whole.invoke({}, {"max_concurrency": 32, "recursion_limit": 10_000})

    return build


main(load)
