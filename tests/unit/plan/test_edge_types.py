"""The types along the edges of a plan: what a step gives and what its consumers take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Protocol, TypedDict, TypeVar

import pytest

from repartee.assistants.office.plan import build_graph as office
from repartee.plan import Graph, Plan
from repartee.plan.assignable import assignable, type_of_value
from repartee.plan.edge_types import check_edge_types
from tests.support import assistants_plans as plans

T = TypeVar("T")
UserId = NewType("UserId", str)


class Animal:
    name: str


class Dog(Animal):
    def bark(self) -> str:
        return self.name


class Barks(Protocol):
    name: str

    def bark(self) -> str: ...


class Names(list[str]):
    pass


class Box(Sequence[T]):
    pass


class Sized(Generic[T], Mapping[str, T]):
    pass


class Point(NamedTuple):
    x: int
    y: int


class Movie(TypedDict):
    title: str


FIT = [
    (int, int),
    (Dog, Animal),
    (int, object),
    (int, Any),
    (Any, int),
    (int, float),
    (bool, int),
    (None, None),
    (None, int | None),
    (int, int | None),
    (int | None, int | str | None),
    (Literal["a"], str),
    (Literal["a"], Literal["a", "b"]),
    (Literal["a", 1], int | str),
    (UserId, str),
    (Annotated[int, "seconds"], int),
    (int, Annotated[float, "seconds"]),
    (list[int], list[int]),
    (list[int], Sequence[float]),
    (list[int], Iterable[int]),
    (list, Sequence[int]),
    (dict[str, int], Mapping[str, float]),
    (dict[str, int], Iterable[str]),
    (tuple[int, ...], Sequence[int]),
    (tuple[int, str], Sequence[int | str]),
    (tuple[int, int], tuple[int, ...]),
    (tuple[int, str], tuple[int, str]),
    (tuple[()], tuple[int, ...]),
    (tuple[()], Sequence[Dog]),
    (tuple, tuple[int, ...]),
    (str, Sequence[str]),
    (Point, tuple[int, ...]),
    (Names, Sequence[str]),
    (Box[int], Sequence[int]),
    (Sized[int], Mapping[str, int]),
    (Iterator[int], Iterable[int]),
    (Movie, Mapping[str, Any]),
    (type(len), Callable[..., int]),
    (Callable[[int], str], Callable[[bool], object]),
    (Callable[..., str], Callable[[int], str]),
    (Dog, Barks),
    (type[Dog], type[Animal]),
    (Sequence[int], T),
]
UNFIT = [
    (str, int),
    (float, int),
    (Animal, Dog),
    (None, int),
    (int | None, int),
    (int | str, int),
    (str, Literal["a"]),
    (Literal["c"], Literal["a", "b"]),
    (Literal[1], str),
    (list[str], str),
    (list[int], list[float]),
    (Sequence[int], list[int]),
    (list[str], Sequence[int]),
    (list[int | None], Sequence[int]),
    (dict[str, int], Mapping[str, str]),
    (dict[str, int], dict[str, float]),
    (dict[str, int], Iterable[int]),
    (tuple[int, str], Sequence[int]),
    (tuple[int, int], tuple[int, str]),
    (tuple[int, ...], tuple[int, int]),
    (tuple[int, int, int], tuple[int, int]),
    (tuple[()], tuple[int, int]),
    (str, Sequence[int]),
    (Names, Sequence[int]),
    (Box[str], Sequence[int]),
    (Sized[int], Mapping[str, str]),
    (Iterator[str], Iterable[int]),
    (int, Callable[..., int]),
    (Callable[[int], str], Callable[[int], int]),
    (Callable[[int], str], Callable[[int, int], str]),
    (Callable[[bool], str], Callable[[str], str]),
    (Animal, Barks),
    (type[Animal], type[Dog]),
]


@pytest.mark.parametrize("given, wanted", FIT, ids=str)
def test_types_that_fit(given: Any, wanted: Any) -> None:
    """A value of the first type may be given where the second is declared."""
    assert assignable(given, wanted)


@pytest.mark.parametrize("given, wanted", UNFIT, ids=str)
def test_types_that_do_not_fit(given: Any, wanted: Any) -> None:
    """Some value of the first type may not be given where the second is declared."""
    assert not assignable(given, wanted)


@pytest.mark.parametrize(
    "value, wanted, fits",
    [
        (None, int | None, True),
        (None, int, False),
        ((), Sequence[int], True),
        ((), tuple[int, str], False),
        ("", str, True),
        ("", Sequence[int], False),
        ((1, "a"), tuple[int, str], True),
        ((1, "a"), tuple[int, ...], False),
        ([], Sequence[int], True),
        ("off", Literal["on", "off"], True),
        ("other", Literal["on", "off"], False),
        (Point(1, 2), Point, True),
        ({}, Mapping[str, int], True),
        (0, float, True),
    ],
)
def test_a_fallback_has_the_type_of_its_value(value: object, wanted: Any, fits: bool) -> None:
    """A fallback is judged by its value: an empty tuple fits every sequence."""
    assert assignable(type_of_value(value), wanted) == fits


def mismatches(plan: Plan, *targets: str) -> list[str]:
    return [str(found) for found in check_edge_types(plan.build(targets=targets))]


def one(message: str) -> int:
    return len(message)


def maybe(message: str) -> int | None:
    return None


def takes_int(one: int) -> str:
    return str(one)


def takes_str(one: str) -> str:
    return one


def test_an_edge_of_one_type_is_sound() -> None:
    """A step that returns what its consumer takes is no mismatch."""
    plan = Plan("sound", inputs=("message",))
    plan.step()(one)
    plan.step()(takes_int)

    assert mismatches(plan, "takes_int") == []


def test_a_wrong_return_type_is_found() -> None:
    """A step whose return type does not fit its consumer's parameter is found, with both names and types."""
    plan = Plan("wrong", inputs=("message",))
    plan.step()(one)
    plan.step()(takes_str)

    assert mismatches(plan, "takes_str") == ["one -> takes_str: takes_str takes str, but it returns int"]


def test_a_forgotten_fallback_is_found() -> None:
    """A consumer that does not allow for its producer's fallback of None is found."""
    plan = Plan("forgotten", inputs=("message",))
    plan.step(fallback=None)(one)
    plan.step()(takes_int)

    assert mismatches(plan, "takes_int") == [
        "one -> takes_int: takes_int takes int, but its fallback is None"
    ]


def test_a_gated_step_without_a_fallback_gives_none() -> None:
    """A step that is skipped and has no fallback gives its consumers None, for which they must allow."""
    plan = Plan("gated", inputs=("message",))
    plan.step(when=lambda message: message)(one)
    plan.step()(takes_int)

    (found,) = check_edge_types(plan.build(targets=("takes_int",)))
    assert (found.producer, found.consumer, found.given, found.wanted) == ("one", "takes_int", "None", "int")


def test_predicates_are_consumers_too() -> None:
    """The parameters of a gate and of a speculation predicate are checked like those of a step."""

    def gate(one: str) -> bool:
        return bool(one)

    def likely(message: int) -> bool:
        return bool(message)

    plan = Plan("predicates", inputs={"message": str})
    plan.step()(one)
    plan.step(name="gated", when=gate, speculate=likely)(lambda: 0)

    assert mismatches(plan, "gated") == [
        "one -> gated: gated takes str, but it returns int",
        "message -> gated: gated takes int, but it is str",
    ]


class Inputs:
    message: int


@pytest.mark.parametrize("inputs", [{"message": int}, Inputs])
def test_inputs_with_types_are_checked(inputs: Any) -> None:
    """An input whose type is declared, by name or by a class, must fit those that ask for it."""
    plan = Plan("inputs", inputs=inputs)
    plan.step()(one)

    assert mismatches(plan, "one") == ["message -> one: one takes str, but it is int"]


def test_any_callable_is_checked() -> None:
    """The annotations of methods, callable objects and partials are read too."""

    class Reader:
        def read(self, one: str) -> str:
            return one

        def __call__(self, one: str) -> str:
            return one

    plan = Plan("callables", inputs=("message",))
    plan.step()(one)
    plan.step(name="method")(Reader().read)
    plan.step(name="object")(Reader())
    plan.step(name="part")(partial(Reader().read))

    found = mismatches(plan, "method", "object", "part")
    assert [each.partition(":")[0] for each in found] == ["one -> method", "one -> object", "one -> part"]


def test_what_is_not_annotated_is_not_checked() -> None:
    """Parameters and steps without annotations fit everything."""
    plan = Plan("untyped", inputs=("message",))
    plan.step(fallback=None)(one)
    plan.step(name="other")(lambda one: one)
    plan.step()(named_other)

    assert mismatches(plan, "named_other") == []


def named_other(other: int) -> int:
    return other


def test_an_unknown_annotation_is_said() -> None:
    """An annotation that cannot be evaluated is refused, with the step's name."""

    def c(message: Unknown) -> str:  # type: ignore[name-defined]  # noqa: F821
        return str(message)

    plan = Plan("unknown", inputs=("message",))
    plan.step()(c)

    with pytest.raises(NameError, match=r"^c: its annotations cannot be evaluated .*'Unknown'"):
        check_edge_types(plan.build(targets=("c",)))


@pytest.mark.parametrize("build", plans.builders(), ids=plans.name_of)
def test_the_edges_of_the_assistants_plans_fit(build: Callable[[], Graph]) -> None:
    """In every assistant's plan each step returns what its consumers take, fallbacks included."""
    assert check_edge_types(build()) == ()


def changed(graph: Graph, **functions: Callable[..., Any]) -> Graph:
    """The plan again, with other functions for some of its steps."""
    plan = Plan(graph.name, inputs=graph.inputs)
    for step in graph.steps:
        plan.step(name=step.name, **step.policy._asdict())(functions.get(step.name, step.function))
    return plan.build(graph.targets)


def test_a_question_of_another_type_is_found_at_every_consumer() -> None:
    """If the office's question became a list of texts, each of the steps that take it as one is found, also
    one whose gate does."""

    def question(given: Sequence[Any]) -> list[str]:
        return [str(one) for one in given]

    graph = office()
    consumers = {step.name for step in graph.steps if any("incoming_text" in names for names in step.roles)}
    data = next(step.data for step in graph.steps if step.name == "incoming_text")
    found = check_edge_types(changed(graph, incoming_text=_renamed(question, data)))

    assert len(consumers) == 7
    assert {(one.producer, one.consumer) for one in found} == {("incoming_text", name) for name in consumers}
    assert {one.given for one in found} == {"list[str]"}


def test_a_consumer_that_forgets_a_missing_embedding_is_found() -> None:
    """The office's embedding may be missing: a consumer that takes a vector only is found."""

    def embedding(early_embedding: Sequence[float], late_embedding: Any) -> Any:
        return late_embedding or early_embedding

    (found,) = check_edge_types(changed(office(), embedding=embedding))

    assert (found.producer, found.consumer, found.given) == ("early_embedding", "embedding", "None")
    assert found.because == "its fallback is"


def _renamed(function: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    """The function with parameters of these names."""

    def call(**given: Any) -> Any:
        return function([given[name] for name in names])

    from inspect import Parameter, Signature

    call.__signature__ = Signature([Parameter(name, Parameter.KEYWORD_ONLY) for name in names])  # type: ignore[attr-defined]
    call.__annotations__ = {"return": list[str]}
    return call
