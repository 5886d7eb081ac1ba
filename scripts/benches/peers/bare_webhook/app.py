"""The two calls that every webhook of this kind makes, bare: a conditional put and a send of boto3."""

import json
import os
import uuid

import boto3

dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")


def handler(event, context):
    """Keeps the request's body, and sends a wake."""
    chat = f"bare:{uuid.uuid4().hex}"
    dynamodb.put_item(
        TableName=os.environ["RECORDS_TABLE"],
        Item={"pk": {"S": chat}, "sk": {"S": "message"}, "payload": {"S": event["body"]}},
        ConditionExpression="attribute_not_exists(pk)",
    )
    sqs.send_message(QueueUrl=os.environ["WAKES_QUEUE_URL"], MessageBody=json.dumps({"chat": chat}))
    return {"statusCode": 200}
