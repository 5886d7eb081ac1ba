"""The stack as it is described in template.yaml, and as it is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support import sam
from support.caches import hold_lock

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class StackTemplate:
    """The template, with `!Ref X` read as {"Ref": "X"} and the like."""

    document: Mapping[str, Any]

    def resources_of_type(self, kind: str) -> dict[str, Any]:
        """The resources of a type, by name: their properties."""
        resources = self.document["Resources"].items()
        return {name: one["Properties"] for name, one in resources if one["Type"] == kind}

    @property
    def functions(self) -> dict[str, Any]:
        """The properties of the functions, by name."""
        return self.resources_of_type("AWS::Serverless::Function")

    def function_settings(self, function: str) -> dict[str, Any]:
        """Returns the environment of a function."""
        shared: dict[str, Any] = self.document["Globals"]["Function"]["Environment"]["Variables"]
        own = self.functions[function].get("Environment", {}).get("Variables", {})
        return {**shared, **own}

    def policy_statements(self) -> Iterator[tuple[str, Any]]:
        """Every statement of every role, with the role's name."""
        for name, role in self.resources_of_type("AWS::IAM::Role").items():
            for policy in role["Policies"]:
                yield from ((name, one) for one in policy["PolicyDocument"]["Statement"])
        for policy in self.resources_of_type("AWS::IAM::Policy").values():
            for role in map(_role_name, policy["Roles"]):
                yield from ((role, one) for one in policy["PolicyDocument"]["Statement"])


def load_template() -> StackTemplate:
    """The template in the repository."""
    return StackTemplate(yaml.load((ROOT / "template.yaml").read_text(), _StackTemplateLoader))


def build_stack(architecture: str, scratch: Path) -> BuiltStack:
    """Builds the stack for an architecture, once in a test run."""
    folder = scratch / f"built-{architecture}"
    with hold_lock("tests-build"):
        if not (folder / "template.yaml").exists():
            sam.run_build(folder, architecture)
    return BuiltStack(folder)


@dataclass(frozen=True)
class BuiltStack:
    """The output of `sam build`: a folder for each function and layer."""

    folder: Path

    def layer_folders(self, function: str) -> list[Path]:
        """The folders of a function's layers, in the order in which Lambda unpacks them."""
        layers = load_template().functions[function]["Layers"]
        return [self.folder / layer["Ref"] for layer in layers if "Ref" in layer]  # the adapter's is AWS's

    def layer_megabytes(self, function: str) -> float:
        """Returns the unpacked size of the layers in megabytes."""
        files = (path for layer in self.layer_folders(function) for path in layer.rglob("*"))
        return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def _role_name(reference: Any) -> str:
    """A role's name, whatever condition it hangs on."""
    chosen = reference["Fn::If"][1] if "Fn::If" in reference else reference
    return str(chosen["Ref"])


class _StackTemplateLoader(yaml.SafeLoader):
    pass


def _construct_intrinsic(loader: _StackTemplateLoader, name: str, node: yaml.Node) -> Any:
    key = name if name == "Ref" else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        return {key: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {key: loader.construct_mapping(node, deep=True)}


_StackTemplateLoader.add_multi_constructor("!", _construct_intrinsic)
