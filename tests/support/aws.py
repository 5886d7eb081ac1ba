"""Our table and queues on a server that speaks AWS's APIs."""

from __future__ import annotations

import json
import uuid
from functools import lru_cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from local.aws_resources import table_definition
from repartee.aws.calls import limit_to_deadline


@lru_cache
def botocore_session() -> botocore.session.Session:
    """AWS's models, read once for all of a process's tests."""
    return botocore.session.get_session()


def make_client(service: str, url: str) -> Any:
    """A client that talks to this server and nothing else."""
    return limit_to_deadline(
        botocore_session().create_client(
            service,
            region_name="eu-central-1",
            endpoint_url=url,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32),
        )
    )


def make_transfer_client(url: str) -> Any:
    """A client of S3 that transfers files, as boto3 makes it, on this server."""
    return limit_to_deadline(
        boto3.session.Session(region_name="eu-central-1").client(
            "s3", endpoint_url=url, aws_access_key_id="local", aws_secret_access_key="local"
        )
    )


def make_bucket(s3: Any) -> str:
    """A bucket of its own, and its name."""
    name = f"bucket-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


def make_table(dynamodb: Any) -> str:
    """A records table of its own, as the template has it, and its name."""
    name = f"Records{uuid.uuid4().hex}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in ("pk", "sk", "open")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[
            {
                "IndexName": "open",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "open", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return name


def make_messages_table(dynamodb: Any) -> str:
    """A messages table of its own, as the template has it, and its name."""
    name = f"Messages{uuid.uuid4().hex}"
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **table_definition("Messages"))
    return name


def make_queue(sqs: Any, **attributes: str) -> str:
    """A queue of its own, and its URL."""
    url: str = sqs.create_queue(QueueName=f"wakes{uuid.uuid4().hex}", Attributes=attributes)["QueueUrl"]
    return url


def make_wakes(sqs: Any, receives: int = 5) -> tuple[str, str]:
    """A queue of wakes and its dead-letter queue, as the template has them, and their URLs."""
    dead = make_queue(sqs)
    (arn,) = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"].values()
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": str(receives)})
    return make_queue(sqs, VisibilityTimeout="300", RedrivePolicy=redrive), dead
