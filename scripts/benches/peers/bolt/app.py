"""The webhook's job in Bolt for Python: verify, keep a mention, wake its chat, acknowledge."""

import json
import os

import boto3
from slack_bolt import App
from slack_bolt.adapter.aws_lambda import SlackRequestHandler
from slack_sdk import WebClient

secrets = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRETS_ID"])
secrets = json.loads(secrets["SecretString"])
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])
sqs = boto3.client("sqs")

app = App(
    signing_secret=secrets["SLACK_SIGNING_SECRET"],
    client=WebClient(secrets["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]),
    token_verification_enabled=False,
    process_before_response=True,
)


@app.event("app_mention")
def keep(event, body):
    """Keep the message and wake its chat."""
    chat = f"slack:{body['team_id']}:{event['channel']}:{event.get('thread_ts', event['ts'])}"
    item = {"pk": chat, "sk": f"message#{event['ts']}", "text": event["text"], "sender": event["user"]}
    table.put_item(Item=item, ConditionExpression="attribute_not_exists(pk)")
    sqs.send_message(QueueUrl=os.environ["WAKES_QUEUE_URL"], MessageBody=json.dumps({"chat": chat}))


handler = SlackRequestHandler(app).handle
