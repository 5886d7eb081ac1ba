"""The settings of a deployed stack: its parameters, its outputs, and its secrets document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from operations.deployed_stack import DeployedStack

SETTINGS_OF_PARAMETERS = {
    "OpenaiBaseUrl": "OPENAI_BASE_URL",
    "WhatsAppPhoneNumberId": "WHATSAPP_PHONE_NUMBER_ID",
}


def read_stack_settings(stack: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment with what the stack says. Raises MissingPart and AWS's errors."""
    deployed = DeployedStack(stack, environment)
    described = deployed.describe()
    parameters = {
        one["ParameterKey"]: one.get("ParameterValue", "") for one in described.get("Parameters", ())
    }
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", ())}
    named = {setting_name(name): value for name, value in (parameters | outputs).items() if value}
    return {**environment, **named, **read_secrets_document(deployed)}


def setting_name(parameter: str) -> str:
    """Returns the setting that a parameter or output of the template stands for."""
    known = SETTINGS_OF_PARAMETERS.get(parameter)
    return known or re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).upper()


def read_secrets_document(stack: DeployedStack) -> dict[str, str]:
    """Returns the secrets by the names of their settings."""
    client: Any = stack.make_client("secretsmanager")
    document = client.get_secret_value(SecretId=stack.stack_output("SecretsId"))["SecretString"]
    return {name: str(value) for name, value in json.loads(document).items() if value}


def update_secrets_document(stack: DeployedStack, answers: Mapping[str, str]) -> list[str]:
    """Puts the answers into the document, beside what is there. Returns the names that it changed."""
    known = read_secrets_document(stack)
    changed = [name for name, value in answers.items() if value and known.get(name) != value]
    if changed:
        client: Any = stack.make_client("secretsmanager")
        document = json.dumps({**known, **{name: answers[name] for name in changed}})
        client.put_secret_value(SecretId=stack.stack_output("SecretsId"), SecretString=document)
    return changed
