"""The contract between a turn and an assistant: what a plan is given, and what the turn reads from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from repartee.domain.message import ButtonPress, Exchange, Message
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt
from repartee.domain.proposal import Proposal
from repartee.domain.reply import Image
from repartee.plan import Graph, Plan, PlanError
from repartee.ports import ChatState


class TurnInputs(msgspec.Struct, frozen=True, kw_only=True):
    """The inputs that a turn offers to the steps of a plan, beside the assistant's own."""

    turn_id: str
    incoming: tuple[Message, ...]
    """The messages that are to be answered, oldest first."""
    unpersisted_exchanges: tuple[Exchange, ...]
    """Exchanges that came before and are not in the messages store yet."""
    find_said: Callable[[str, Collection[str]], Mapping[str, Message | Exchange]]
    """Finds in a chat what was said under the ids (`Inbox.find_said`)."""
    prompt_tokens: int
    """How long the prompt may be."""
    show_typing: Callable[[ChatState], None]
    """Shows that an answer is on its way, if the room may hear it."""
    show_status: Callable[[str], None]
    """Shows what is going on, in words."""
    show_proposal: Callable[[Proposal], None]
    """Shows a proposal after the reply, to be approved or declined."""


REQUIRED_OUTPUTS = {
    "chat_state": "which says whether the assistant may speak, and what may be spent",
    "prompt": "which is what the model is given",
}
OPTIONAL_OUTPUTS = ("transcribed", "post_reply_tasks", "reply_images")
"""The outputs that a turn reads from a plan, if it has them. `build_assistant_graph` says what each of them
is."""

TURN_INPUT_NAMES = frozenset(TurnInputs.__struct_fields__)


def build_assistant_graph(
    plan: Plan,
    *,
    chat_state: Callable[..., ChatState],
    prompt: Callable[..., Prompt],
    transcribed: Callable[..., tuple[Message, ...]] | None = None,
    post_reply_tasks: Callable[..., tuple[PostReplyTask, ...]] | None = None,
    reply_images: Callable[..., tuple[Image, ...]] | None = None,
) -> Graph:
    """Builds an assistant's plan. The arguments are the steps that a turn reads, as they were declared.

    `chat_state` says whether the assistant may speak here, and what was spent: until it is known and permits
    an answer, no step that needs it begins. `prompt` is what the model is given. `transcribed` are the
    messages as they are to be remembered, with the words of recordings. `post_reply_tasks` is what is done
    once the reply has begun. `reply_images` go with the reply. Raises `PlanError` if the contract is not met.
    """
    given = {
        "chat_state": chat_state,
        "prompt": prompt,
        "transcribed": transcribed,
        "post_reply_tasks": post_reply_tasks,
        "reply_images": reply_images,
    }
    outputs = {name: step for name, step in given.items() if step is not None}
    graph = plan.build(targets=tuple(outputs))
    declared = {step.name: step.function for step in graph.steps}
    for name, step in outputs.items():
        if declared[name] is not step:
            raise PlanError(
                f"{plan.name}: {name} is given another function than the step {name!r}: give the step"
            )
    check_assistant_graph(graph)
    return graph


def check_assistant_graph(graph: Graph) -> None:
    """Raises `PlanError` unless a turn can read from the plan what it must know."""
    steps = {step.name: step for step in graph.steps}
    for name, purpose in REQUIRED_OUTPUTS.items():
        refused = f"{graph.name} cannot be an assistant:"
        if name not in graph.targets:
            raise PlanError(
                f"{refused} its plan does not declare the step {name!r}, {purpose}. Declare it, and build "
                "the plan with build_assistant_graph"
            )
        if steps[name].optional or steps[name].policy.when:
            raise PlanError(
                f"{refused} its step {name!r}, {purpose}, has a fallback or a gate. Remove it: a turn that "
                "does not know this must fail"
            )
    if unread := [name for name in graph.targets if name not in {*REQUIRED_OUTPUTS, *OPTIONAL_OUTPUTS}]:
        raise PlanError(f"{graph.name}: a turn does not read {', '.join(unread)}: remove it from the targets")


class Assistant(msgspec.Struct, frozen=True):
    """An assistant: its plan, and the ports that its steps ask for.

    `inputs` has an attribute for each input of the plan that is not one of `TurnInputs`. `resolve_press`
    carries out what a person decided by a button, and returns the words that tell so; it may be called again
    for the same press, and must then tell the same. `on_exchange` keeps of an exchange what the messages
    store does not; it may be called again too. `counts_usage`: what its turns take is counted also where no
    setting limits it. `erase_learnt` erases what was learnt from an exchange, of
    which a message is deleted. `warm_up` loads what the first turn would wait for.

    Raises `PlanError` when it is made of a plan that does not meet the contract.
    """

    name: str
    graph: Graph
    inputs: Any
    resolve_press: Callable[[ButtonPress], str] | None = None
    on_exchange: Callable[[Exchange], None] | None = None
    erase_learnt: Callable[[Exchange], None] | None = None
    warm_up: Callable[[], object] | None = None
    counts_usage: bool = False

    def __post_init__(self) -> None:
        check_assistant_graph(self.graph)
        missing = [
            name
            for name in self.graph.inputs
            if name not in TURN_INPUT_NAMES and not hasattr(self.inputs, name)
        ]
        if missing:
            raise PlanError(f"{self.name}: its inputs lack {', '.join(missing)}")

    def plan_inputs(self, turn: TurnInputs) -> dict[str, Any]:
        """Returns what the plan is started with: the inputs of the turn and of the assistant."""
        return {
            name: getattr(turn if name in TURN_INPUT_NAMES else self.inputs, name)
            for name in self.graph.inputs
        }
