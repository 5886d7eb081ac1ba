"""LangGraph: a state graph, run in supersteps on a thread pool as wide as ours."""

from measuring import Build, Go, Graph, main


def load() -> Build:
    from typing import Annotated, TypedDict

    from langgraph.graph import END, START, StateGraph

    def merged(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
        return {**old, **new}

    class State(TypedDict):
        known: Annotated[dict[str, str], merged]

    def build(graph: Graph) -> Go:
        builder = StateGraph(State)
        for step in graph.steps:
            builder.add_node(step.name, lambda state, step=step: {"known": {step.name: step.call()}})
            builder.add_edge(list(step.befores) or START, step.name)
        needed = {before for step in graph.steps for before in step.befores}
        builder.add_edge([step.name for step in graph.steps if step.name not in needed], END)
        compiled = builder.compile()
        config = {"recursion_limit": len(graph.steps) + 10, "max_concurrency": 32}
        return lambda: compiled.invoke({"known": {}}, config)

    return build


main(load)
