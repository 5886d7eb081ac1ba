"""Makes the classifier of routes at a deployment, so that no first turn is without one."""

from __future__ import annotations

from collections.abc import Mapping

from local.routes_command import train_for_deployment
from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from repartee.errors import BackendError, SettingError
from repartee.wiring import Wiring

from .deploy_settings import DeploySettings


def train_routes(stack: DeployedStack, settings: DeploySettings, environment: Mapping[str, str]) -> str:
    """Returns what was done, or what is left to do: a deployment without secrets has no key yet. Answers come
    without a classifier too."""
    try:
        return train_for_deployment(Wiring({**environment, **_deployed_settings(stack, settings)}))
    except (BackendError, SettingError, MissingPart, *AWS_ERRORS) as problem:
        return f"the routes' classifier is not made yet ({problem}): mend that, then scripts/deploy --smoke"


def _deployed_settings(stack: DeployedStack, settings: DeploySettings) -> dict[str, str]:
    return {
        "RECORDS_TABLE": stack.stack_output("RecordsTable"),
        "SECRETS_ID": stack.stack_output("SecretsId"),
        "EMBEDDING_MODEL": settings.parameters.get("EmbeddingModel", ""),
        "OPENAI_BASE_URL": settings.parameters.get("OpenaiBaseUrl", ""),
    }
