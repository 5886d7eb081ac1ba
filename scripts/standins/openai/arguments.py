"""Checks the arguments of requests to the model API, with its own error texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local.model_tokens import tokens
from standins.openai import schemas
from standins.openai.content_parts import text_of
from standins.openai.errors import MISSING, ModelError
from standins.openai.limits import MAX_EMBEDDED_TEXTS, MAX_EMBEDDED_TOKENS, MAX_EMBEDDED_TOKENS_TOGETHER
from standins.openai.local_embeddings import LOCAL_EMBEDDING_MODEL

Request = Mapping[str, Any]

MODEL = "scripted-reply"
EMBEDDING_MODEL = LOCAL_EMBEDDING_MODEL
KNOWN = frozenset(
    [
        "background",
        "conversation",
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "model",
        "parallel_tool_calls",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "service_tier",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
        "verbosity",
    ]
)
TOOL_NAME = re.compile("^[a-zA-Z0-9_-]{1,64}$")
ROLES = ("assistant", "system", "developer", "user")
SUPPORTED = "'assistant', 'system', 'developer', and 'user'"


EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")


def embeddable(request: Request) -> list[str]:
    _need_model(request, EMBEDDING_MODEL)
    if "dimensions" in request:
        raise ModelError(400, "This model does not support specifying dimensions.")
    given = request.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t for t in texts):
        raise ModelError(400, "'$.input' is invalid. Please check the API reference: "
            "https://platform.openai.com/docs/api-reference.")  # fmt: skip
    _check_sizes(texts)
    return texts


def _check_sizes(texts: list[str]) -> None:
    """https://developers.openai.com/api/docs/api-reference/embeddings/create"""
    if len(texts) > MAX_EMBEDDED_TEXTS:
        message = (
            f"Invalid 'input': array too long. Expected an array with maximum length {MAX_EMBEDDED_TEXTS}, "
            f"but got an array with length {len(texts)} instead."
        )
        raise ModelError(400, message, param="input", code="array_above_max_length")
    sizes = [tokens(text) for text in texts]
    for place, size in enumerate(sizes):
        if size > MAX_EMBEDDED_TOKENS:
            message = f"Invalid 'input[{place}]': maximum input length is {MAX_EMBEDDED_TOKENS} tokens."
            raise ModelError(400, message)
    if sum(sizes) > MAX_EMBEDDED_TOKENS_TOGETHER:
        most = MAX_EMBEDDED_TOKENS_TOGETHER
        message = f"Requested {sum(sizes)} tokens, max {most} tokens per request"
        raise ModelError(400, message, kind="max_tokens_per_request", code="max_tokens_per_request")


def checked(request: Request) -> list[tuple[str, str]]:
    """Returns the request's input as (role, text). Raises `ModelError` for what the API would refuse."""
    unknown = sorted(set(request) - KNOWN)
    if unknown:
        message = f"Unknown parameter: '{unknown[0]}'."
        raise ModelError(400, message, param=unknown[0], code="unknown_parameter")
    _need_model(request, MODEL)
    _check_tools(request.get("tools") or [])
    _check_format(request.get("text") or {})
    _check_effort((request.get("reasoning") or {}).get("effort"))
    limit = request.get("max_output_tokens")
    if limit is not None and (not isinstance(limit, int) or limit < 16):
        message = "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16."
        raise ModelError(400, message, param="max_output_tokens", code="integer_below_min_value")
    given = request.get("input")
    if isinstance(given, str):
        return [("user", given)]
    if not isinstance(given, list):
        message = "Invalid type for 'input': expected one of a string or array of input items."
        raise ModelError(400, message, param="input", code="invalid_type")
    _check_calls([item for item in given if isinstance(item, dict)])
    return [_item(index, item) for index, item in enumerate(given)]


def _check_tools(tools: list[Any]) -> None:
    for index, tool in enumerate(tools):
        if tool.get("type") != "function":
            message = f"Invalid value: '{tool.get('type')}'. Supported here: 'function'."
            raise ModelError(400, message, param=f"tools[{index}].type", code="invalid_value")
        if not TOOL_NAME.match(tool.get("name", "")):
            message = (
                f"Invalid 'tools[{index}].name': string does not match pattern. Expected a string that "
                "matches the pattern '^[a-zA-Z0-9_-]+$'."
            )
            raise ModelError(400, message, param=f"tools[{index}].name", code="invalid_value")
        wrong = schemas.problem(tool.get("parameters")) if tool.get("strict", True) else ""
        if wrong:
            message = f"Invalid schema for function '{tool['name']}': {wrong}"
            param = f"tools[{index}].parameters"
            raise ModelError(400, message, param=param, code="invalid_function_parameters")


def _check_format(text: Mapping[str, Any]) -> None:
    form = text.get("format") or {"type": "text"}
    if form.get("type") != "json_schema":
        return
    name = form.get("name", "")
    if not TOOL_NAME.match(name):
        message = "Missing required parameter: 'text.format.name'."
        raise ModelError(400, message, param="text.format.name", code=MISSING)
    if form.get("strict") and (wrong := schemas.problem(form.get("schema"))):
        message = f"Invalid schema for response_format '{name}': {wrong}"
        raise ModelError(400, message, param="text.format.schema", code="invalid_json_schema")


def _check_effort(effort: Any) -> None:
    if effort is not None and effort not in EFFORTS:
        known = ", ".join(f"'{one}'" for one in EFFORTS[:-1])
        message = f"Invalid value: '{effort}'. Supported values are: {known}, and '{EFFORTS[-1]}'."
        raise ModelError(400, message, param="reasoning.effort", code="invalid_value")


def _check_calls(items: list[dict[str, Any]]) -> None:
    """Every result belongs to a call before it, and every call has its result."""
    calls = {item.get("call_id") for item in items if item.get("type") == "function_call"}
    results = {item.get("call_id") for item in items if item.get("type") == "function_call_output"}
    for id in sorted(map(str, results - calls)):
        message = f"No tool call found for function call output with call_id {id}."
        raise ModelError(400, message, param="input")
    for id in sorted(map(str, calls - results)):
        raise ModelError(400, f"No tool output found for function call {id}.", param="input")


def _item(index: int, item: Any) -> tuple[str, str]:
    if isinstance(item, dict) and item.get("type") in ("function_call", "function_call_output", "reasoning"):
        return "tool", str(item.get("output", ""))
    role = item.get("role") if isinstance(item, dict) else None
    if role not in ROLES:
        message = f"Invalid value: '{role}'. Supported values are: {SUPPORTED}."
        raise ModelError(400, message, param=f"input[{index}].role", code="invalid_value")
    content = item.get("content")
    if isinstance(content, str):
        return role, content
    if not isinstance(content, list):
        at = f"input[{index}].content"
        raise ModelError(400, f"Missing required parameter: '{at}'.", param=at, code=MISSING)
    at = f"input[{index}].content"
    return role, " ".join(text_of(part, role, f"{at}[{place}]") for place, part in enumerate(content))


def _need_model(request: Request, served: str) -> None:
    name = request.get("model")
    if not isinstance(name, str) or not name:
        raise ModelError(400, "Missing required parameter: 'model'.", param="model", code=MISSING)
    if name != served:
        raise ModelError(404, f"The model `{name}` does not exist or you do not have access to it.",
            code="model_not_found")  # fmt: skip
