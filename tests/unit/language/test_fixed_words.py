"""Finds words that the product says to people and that are not in the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import repartee

PACKAGE = Path(repartee.__file__).parent
ROOMS = ("assistants", "channels", "domain", "intake", "privacy", "turn")

SENDING_CALLS = {
    "PostReplyTask",
    "reply.append",
    "confirm_command",
    "cut_short",
    "format_aside",
    "send_message_answer",
    "send_text",
    "show_decision",
    "show_status",
    "_button_element",
    "_encode_ephemeral",
    "_ephemeral_answer",
    "_feedback_element",
    "_make_tool",
    "_plain_text_object",
    "_proposal_content",
}
"""Functions whose texts people see."""

SHOWN_KEYS = {"accessibility_label", "footer", "label", "status", "title"}
"""Arguments and fields of platforms' calls that are shown."""

SHOWN_NAMES = re.compile(r"_(MESSAGE|NOTE|LABEL|LABELS|STATUS|GREETING)S?$")
"""Constants that are called as texts for people are; those for the model end in PROMPT or TEXT."""

NOT_SAID = {
    ("assistants/attachment_prompts.py", "Recording"): "how the model is told of a file",
    ("assistants/attachment_prompts.py", "Picture"): "how the model is told of a file",
    ("assistants/attachment_prompts.py", "Film"): "how the model is told of a file",
    ("assistants/attachment_prompts.py", "File"): "how the model is told of a file",
    ("assistants/coach/analysis_input.py", "Newest message:"): "a part of a prompt",
    ("turn/tool_loop.py", "Not carried out: too many calls at once."): "the result of a tool, for the model",
}
TRANSPARENT = (ast.JoinedStr, ast.IfExp, ast.BinOp, ast.Tuple, ast.List, ast.Dict)
WORDS = re.compile(r"[^\W\d_]{2,}")
TO_THE_MODEL = {"_make_tool": 2}
"""Of these calls the first arguments are names and descriptions for the model."""


def texts_of(node: ast.AST, constants: dict[str, ast.expr]) -> Iterator[str]:
    """The words in an expression: as literals, in formatted ones, or under names of the module. What another
    function makes of its arguments is that function's."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in constants:
        yield from texts_of(constants[node.id], {})
    elif isinstance(node, TRANSPARENT):
        for part in ast.iter_child_nodes(node):
            yield from texts_of(part, constants)


def shown_expressions(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from shown_arguments(node)
        elif isinstance(node, ast.Dict):
            yield from (value for key, value in zip(node.keys, node.values, strict=True) if is_shown(key))
        elif isinstance(node, ast.Assign) and any(map(is_called_a_text, node.targets)):
            yield node.value


def shown_arguments(call: ast.Call) -> Iterator[ast.AST]:
    name = ast.unparse(call.func).removeprefix("self.")
    name = name if name in SENDING_CALLS else name.rpartition(".")[2]
    if name in SENDING_CALLS:
        yield from call.args[TO_THE_MODEL.get(name, 0) :]
    yield from (one.value for one in call.keywords if one.arg in SHOWN_KEYS)


def is_shown(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value in SHOWN_KEYS


def is_called_a_text(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and bool(SHOWN_NAMES.search(target.id))


def spoken_texts(source: str) -> list[str]:
    """Words of a module that people would see in English whatever their language."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = [text for node in shown_expressions(tree) for text in texts_of(node, constants)]
    return [text for text in found if WORDS.search(text) and (" " in text.strip() or text[0].isupper())]


def test_what_is_said_to_people_is_in_the_catalogue() -> None:
    """No text that a sending function takes, or that a platform's call shows, is written in place."""
    found = {
        (str(path.relative_to(PACKAGE)), text)
        for room in ROOMS
        for path in (PACKAGE / room).rglob("*.py")
        for text in spoken_texts(path.read_text())
    }

    assert sorted(found - set(NOT_SAID)) == []


def test_the_search_finds_each_way_of_saying_something() -> None:
    """In place, formatted, under a name, as a default's sibling, in a block."""
    for source in (
        'reply.append("Sorry, not now.")',
        'reply.cut_short(f"Ended by {who} just now.")',
        'APOLOGY = "Sorry."\nreply.append(APOLOGY)',
        'APOLOGY_MESSAGE = "Sorry."',
        'SUPPRESSED_NOTES = {"muted": "I was muted."}',
        '_button_element("Approve" if fresh else "Decline", "x", "y")',
        'call(title="You could ask")',
        'blocks = {"footer": "Good for ten minutes."}',
        'PostReplyTask("save", run, "I could not save it.")',
    ):
        assert spoken_texts(source), source
    assert spoken_texts('reply.append(translate(texts.APOLOGY, "de"))') == []
    assert spoken_texts('lines.append(name)\nlog("not said to people")') == []
