"""Renders a plan as text, and as a Mermaid graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repartee.plan.step import Step, name_of


def describe(plan: str, inputs: Iterable[str], steps: Sequence[Step], targets: Iterable[str]) -> str:
    """Return the plan in the order of the serial mode, a line for each step: its needs and its policy."""
    width = max(len(step.name) for step in steps)
    lines = [f"{plan}({', '.join(inputs)}) -> {', '.join(targets)}"]
    for step in steps:
        terms = [f"needs {', '.join(step.data)}" if step.data else "needs nothing", *_policy(step)]
        lines.append(f"  {step.name:<{width}}  {'; '.join(terms)}")
    return "\n".join(lines)


def mermaid(inputs: Sequence[str], steps: Sequence[Step], targets: Iterable[str]) -> str:
    """Return a graph: arrows for data, dotted for gates; inputs round, targets thick, statuses slanted."""
    nodes = {name: f"n{index}" for index, name in enumerate((*inputs, *(s.name for s in steps)))}
    lines = ["graph LR", *(f"    {nodes[name]}([{name}])" for name in inputs)]
    for step in steps:
        lines.append(f"    {nodes[step.name]}{_shape(step)}")
        lines += [f"    {nodes[name]} --> {nodes[step.name]}" for name in step.data]
        lines += [f"    {nodes[name]} -. gate .-> {nodes[step.name]}" for name in step.gate]
    lines += [f"    style {nodes[target]} stroke-width:3px" for target in targets]
    return "\n".join(lines)


def _shape(step: Step) -> str:
    if step.policy.status:
        return f"[/{step.name}/]"
    return f"{{{{{step.name}}}}}" if step.policy.writes else f"[{step.name}]"


def _policy(step: Step) -> list[str]:
    policy = step.policy
    names = ", ".join(step.speculate_when)
    condition = f" if {name_of(policy.speculate)}({names})" if callable(policy.speculate) else ""
    announces = policy.status if isinstance(policy.status, str) else "the run"
    terms = (
        (policy.when, f"when {', '.join(step.gate)}"),
        (policy.speculate, f"speculates{condition}"),
        (policy.timeout, f"within {policy.timeout} s"),
        (policy.retry, f"up to {policy.retry.max_attempts if policy.retry else 1} attempts"),
        (policy.hedge_after, f"hedged after {policy.hedge_after} s"),
        (policy.breaker, f"breaker {policy.breaker}"),
        (policy.writes, "writes"),
        (policy.status, f"announces {announces}"),
        (step.optional, f"else {policy.fallback!r}"),
    )
    return [words for holds, words in terms if holds]
