"""Compares the rights of the functions in the template with the calls that a hook of botocore records.

The simulation is small because the policies are: exact actions on exact resources, and nothing is denied.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.vector_folder import FolderVectors
from repartee.aws.calls import AwsClients
from repartee.wiring import Wiring, process, stores
from support.caches import cache_folder
from tests.support.stack_template import StackTemplate

ActionOnResource = tuple[str, str]
"""An action, and the template's name for what it is done to."""

TRANSACTION_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


FLAGS_TARGETS = {
    "ListDeployments": ("Application", "Stage"),
    "CreateHostedConfigurationVersion": ("Application", "Flags"),
    "ListHostedConfigurationVersions": ("Application", "Flags"),
    "GetHostedConfigurationVersion": ("Application", "Flags", "hostedconfigurationversion/*"),
    "StartDeployment": ("Application", "Flags", "Stage", "deployment/*", "AtOnce"),
}
"""The resources on which a call of AppConfig needs its right.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsappconfig.html"""


@dataclass
class RecordingClients(AwsClients):
    """A function's clients, which note every call."""

    connections_at_most: int
    recorded_rights: set[ActionOnResource] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(self.connections_at_most)

    def make_client(self, service: str) -> Any:
        client = super().make_client(service)
        client.meta.events.register_first(f"before-parameter-build.{_client_id(client)}", self._record_call)
        return client

    def _record_call(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.recorded_rights.update(needed_rights(model.service_model.service_name, model.name, params))


def _client_id(client: Any) -> str:
    return str(client.meta.service_model.service_id.hyphenize())


class RecordingWiring(Wiring):
    """A function's parts, whose calls of AWS are noted in `aws.done`, on a clock that may be put forward."""

    shift_seconds = 0.0

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.clients = RecordingClients(self.get(process.settings).max_threads)
        self.put(process.aws_clients, self.clients)
        self.put(process.clock, lambda: time.time() + self.shift_seconds)
        self.replace(stores.vectors, lambda _: FolderVectors(cache_folder() / "vectors"))


def needed_rights(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[ActionOnResource]:
    """The rights that a call needs. On the local stack things are called as the template calls them."""
    if service == "dynamodb":
        yield from _table_rights(operation, params)
    elif service == "sqs":
        yield f"sqs:{operation.removesuffix('Batch')}", params["QueueUrl"].rpartition("/")[2]
    elif service == "s3":
        yield _bucket_right(operation, params["Bucket"].capitalize())
    elif service == "sesv2":  # a raw message needs both rights, on the identity and on the configuration
        for target in ("EmailIdentity", "EmailConfiguration"):
            yield from ((f"ses:{action}", target) for action in ("SendEmail", "SendRawEmail"))
    elif service in ("appconfig", "appconfigdata"):
        yield from ((f"appconfig:{operation}", target) for target in FLAGS_TARGETS.get(operation, ("Flags",)))
    else:
        yield from _other_rights(service, operation, params)


def _other_rights(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[ActionOnResource]:
    if service == "lambda":
        yield "lambda:InvokeFunction", params["FunctionName"]
    elif service == "secretsmanager":
        yield f"secretsmanager:{operation}", "Secrets"
    elif service != "sts":  # to ask who one is needs no right
        yield f"{service}:{operation}", "*"


def _bucket_right(operation: str, bucket: str) -> ActionOnResource:
    if operation.startswith("List") or operation == "HeadBucket":
        return "s3:ListBucket", bucket
    single = operation.removesuffix("s")  # DeleteObjects needs the right to delete each
    return f"s3:{single}", f"{bucket}/*"


def _table_rights(operation: str, params: Mapping[str, Any]) -> Iterator[ActionOnResource]:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"""
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            for kind, one in item.items():
                yield f"dynamodb:{TRANSACTION_ACTIONS[kind]}", one["TableName"]
    elif "RequestItems" in params:
        yield from ((f"dynamodb:{operation}", table) for table in params["RequestItems"])
    else:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield f"dynamodb:{operation}", params["TableName"] + index


def granted_rights(template: StackTemplate) -> Iterator[tuple[str, str, ActionOnResource]]:
    """Every right: the role that has it, the statement that grants it, and the right."""
    for role, statement in template.policy_statements():
        actions, resources = _as_list(statement["Action"]), _as_list(statement["Resource"])
        for resource in resources:
            yield from ((role, statement["Sid"], (action, _resource_name(resource))) for action in actions)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resource_name(resource: Any) -> str:
    """The template's own name for it: Records, Records/index/open, Media/*, Flags."""
    if isinstance(resource, str):
        return resource
    text = str(resource.get("Ref") or resource.get("Fn::GetAtt") or resource["Fn::Sub"])
    if ":appconfig:" in text or ":ses:" in text:
        kind, _, last = text.rpartition("/")
        text = f"{kind.rpartition('/')[2]}/*" if last == "*" else last
    return text.replace("${", "").replace("}", "").replace(".Arn", "")
