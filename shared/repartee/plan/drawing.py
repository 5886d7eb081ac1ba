"""A plan for the eye: as text, and as a Mermaid graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repartee.plan.step import Step, name_of


def text(plan: str, inputs: Iterable[str], steps: Sequence[Step], targets: Iterable[str]) -> str:
    """The plan in the order of the serial mode, a line a step: what it needs, and its policy."""
    width = max(len(step.name) for step in steps)
    lines = [f"{plan}({', '.join(inputs)}) -> {', '.join(targets)}"]
    for step in steps:
        terms = [f"needs {', '.join(step.data)}" if step.data else "needs nothing", *_policy(step)]
        lines.append(f"  {step.name:<{width}}  {'; '.join(terms)}")
    return "\n".join(lines)


def mermaid(inputs: Sequence[str], steps: Sequence[Step], targets: Iterable[str]) -> str:
    """Arrows for data, dotted ones for gates; inputs are rounded, targets thick, statuses leaning."""
    places = {name: f"n{index}" for index, name in enumerate((*inputs, *(s.name for s in steps)))}
    lines = ["graph LR", *(f"    {places[name]}([{name}])" for name in inputs)]
    for step in steps:
        lines.append(f"    {places[step.name]}{_shape(step)}")
        lines += [f"    {places[name]} --> {places[step.name]}" for name in step.data]
        lines += [f"    {places[name]} -. gate .-> {places[step.name]}" for name in step.gate]
    lines += [f"    style {places[target]} stroke-width:3px" for target in targets]
    return "\n".join(lines)


def _shape(step: Step) -> str:
    if step.policy.status:
        return f"[/{step.name}/]"
    return f"{{{{{step.name}}}}}" if step.policy.writes else f"[{step.name}]"


def _policy(step: Step) -> list[str]:
    policy = step.policy
    ahead = f" if {name_of(policy.speculate)}({', '.join(step.prior)})" if callable(policy.speculate) else ""
    announces = policy.status if isinstance(policy.status, str) else "the run"
    terms = (
        (policy.when, f"when {', '.join(step.gate)}"),
        (policy.speculate, f"speculates{ahead}"),
        (policy.timeout, f"within {policy.timeout} s"),
        (policy.retry, f"up to {policy.retry.attempts if policy.retry else 1} attempts"),
        (policy.hedge_after, f"hedged after {policy.hedge_after} s"),
        (policy.breaker, f"breaker {policy.breaker}"),
        (policy.writes, "writes"),
        (policy.status, f"announces {announces}"),
        (step.optional, f"else {policy.fallback!r}"),
    )
    return [words for holds, words in terms if holds]
