"""Moto's CloudFormation and S3 for the real `sam deploy`: templates are expanded as AWS expands them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from support import environments

EXPAND_PROGRAM = """
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

class NoManagedPolicies:
    def load(self):
        return {}

print(json.dumps(transform(yaml_parse(sys.stdin.read()), {}, NoManagedPolicies()), default=str))
"""

MADE_TYPES = ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::Logs::LogGroup")
"""Resources that are made. Moto makes no secrets, flags or deployments, and needs Docker for functions."""

OUTPUT_NAMES = ("RecordsTable", "MessagesTable", "MediaBucket")
"""Outputs that are as the template says; the others would name what is not made."""


def stub_openapi_validator() -> None:
    """Lets moto's CloudFormation be imported without the validator of API Gateway's OpenAPI documents, which
    is not used here and has twenty dependencies."""
    main, package, errors = (
        ModuleType(f"openapi_spec_validator{end}") for end in ("", ".validation", ".validation.exceptions")
    )
    main.validate = main.validate_spec = lambda *_: None  # type: ignore[attr-defined]
    errors.OpenAPIValidationError = ValueError  # type: ignore[attr-defined]
    for module in (main, package, errors):
        sys.modules.setdefault(module.__name__, module)


def expand_template(template: str) -> dict[str, Any]:
    """Returns the template with SAM's resources replaced by CloudFormation's, by AWS's own program."""
    python = environments.commands_folder("sam") / "python"
    done = subprocess.run(
        [str(python), "-c", EXPAND_PROGRAM],
        input=template, text=True, capture_output=True, check=False,
        env={"AWS_DEFAULT_REGION": "eu-central-1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expanded: dict[str, Any] = json.loads(done.stdout)
    return expanded


@contextmanager
def expanding_templates(seen: list[dict[str, Any]], outputs: Mapping[str, str]) -> Iterator[None]:
    """Lets moto's change sets be made of expanded templates, which are collected with their parameters.
    `outputs` are those of resources that moto cannot make."""
    stub_openapi_validator()
    from moto.cloudformation.models import CloudFormationBackend

    original = CloudFormationBackend.create_change_set

    def create(self: Any, *args: Any, **given: Any) -> Any:
        if "AWS::Serverless" in given["template"]:
            expanded = expand_template(given["template"])
            seen.append(
                {"template": expanded, "parameters": given["parameters"], "name": given["stack_name"]}
            )
            given["template"] = json.dumps(_keep_what_is_made(expanded, outputs))
        return original(self, *args, **given)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(CloudFormationBackend, "create_change_set", create)
        patched.setattr(CloudFormationBackend, "execute_change_set", _execute_with_outputs())
        yield


def _execute_with_outputs() -> Any:
    """Returns moto's execution of a change set, after which a new stack has its outputs too."""
    from moto.cloudformation.models import CloudFormationBackend

    original = CloudFormationBackend.execute_change_set

    def execute(self: Any, *args: Any, **given: Any) -> None:
        original(self, *args, **given)
        for change_set in self.change_sets.values():
            stack = change_set.stack
            stack._parse_template()
            stack.output_map = stack._create_output_map()

    return execute


def _keep_what_is_made(template: dict[str, Any], outputs: Mapping[str, str]) -> dict[str, Any]:
    """Returns the template with the resources that moto can make, and with these outputs for the others."""
    if "AWS::Lambda" not in json.dumps(template):
        return template  # that of the bucket into which SAM uploads
    resources = {name: one for name, one in template["Resources"].items() if one["Type"] in MADE_TYPES}
    own = {name: template["Outputs"][name] for name in OUTPUT_NAMES}
    fixed = {name: {"Value": value} for name, value in outputs.items()}
    return {**template, "Resources": resources, "Outputs": {**own, **fixed}}
