"""The tables and queues that template.yaml declares, made in whatever AWS_ENDPOINT_URL points at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
TABLE, QUEUE = "AWS::DynamoDB::Table", "AWS::SQS::Queue"
TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes")
QUEUE_ATTRIBUTES = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "MaximumMessageSize")

Resources = Mapping[str, Mapping[str, Any]]


def create_resources(dynamodb: Any, sqs: Any) -> dict[str, str]:
    """Makes what the template declares. Gives the settings that name it, as the functions would see them."""
    template = yaml.load(TEMPLATE.read_text(), _ResourceTemplateLoader)
    resources = template["Resources"]
    made = _create_tables(resources, dynamodb) | _create_queues(resources, sqs)
    return {name: made[target] for name, target in _environment_references(template) if target in made}


def table_definition(name: str) -> dict[str, Any]:
    """Returns the keys and indexes of the template's table of that name."""
    properties = yaml.load(TEMPLATE.read_text(), _ResourceTemplateLoader)["Resources"][name]["Properties"]
    return _keys_and_indexes(properties)


def _keys_and_indexes(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {key: properties[key] for key in TABLE_PROPERTIES if key in properties}


def _create_tables(resources: Resources, dynamodb: Any) -> dict[str, str]:
    for name, properties in _resources_of_type(TABLE, resources):
        dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **_keys_and_indexes(properties))
    return {name: name for name, _ in _resources_of_type(TABLE, resources)}


def _create_queues(resources: Resources, sqs: Any) -> dict[str, str]:
    """The queues' URLs. Dead-letter queues come first, for the others name them."""
    urls: dict[str, str] = {}
    for name, properties in sorted(
        _resources_of_type(QUEUE, resources), key=lambda queue: "RedrivePolicy" in queue[1]
    ):
        attributes = {key: str(properties[key]) for key in QUEUE_ATTRIBUTES if key in properties}
        if "RedrivePolicy" in properties:
            attributes["RedrivePolicy"] = _redrive_policy(properties["RedrivePolicy"], urls, sqs)
        urls[name] = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return urls


def _redrive_policy(policy: Mapping[str, Any], urls: Mapping[str, str], sqs: Any) -> str:
    target = urls[policy["deadLetterTargetArn"].partition(".")[0]]
    answer = sqs.get_queue_attributes(QueueUrl=target, AttributeNames=["QueueArn"])
    return json.dumps({**policy, "deadLetterTargetArn": answer["Attributes"]["QueueArn"]})


def _resources_of_type(kind: str, resources: Resources) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return (
        (name, resource.get("Properties", {}))
        for name, resource in resources.items()
        if resource["Type"] == kind
    )


def _environment_references(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every environment variable of a function that is a plain reference, with what it refers to."""
    functions = [resource.get("Properties", {}) for resource in template["Resources"].values()]
    for place in (template.get("Globals", {}).get("Function", {}), *functions):
        variables = place.get("Environment", {}).get("Variables", {})
        yield from ((name, value) for name, value in variables.items() if isinstance(value, str))


class _ResourceTemplateLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads a template. Of an intrinsic function (`!Ref X`, `!GetAtt X.Arn`) only its argument is kept."""


def _construct_intrinsic(loader: Any, tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_ResourceTemplateLoader.add_multi_constructor("!", _construct_intrinsic)
