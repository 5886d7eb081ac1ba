"""A turn in LangGraph that keeps its conversation with a checkpointer on DynamoDB and streams into Slack."""

import json
import os
from operator import add
from typing import Annotated, TypedDict

import boto3
from boto3.dynamodb.conditions import Key
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph_checkpoint_aws import DynamoDBSaver
from slack_sdk import WebClient

secrets = json.loads(
    boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRETS_ID"])["SecretString"]
)
key = secrets["OPENAI_API_KEY"]
slack = WebClient(secrets["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])
model = ChatOpenAI(model=os.environ["MODEL"], api_key=key, use_responses_api=True, max_retries=0)
embeddings = OpenAIEmbeddings(
    model=os.environ["EMBEDDING_MODEL"], api_key=key, check_embedding_ctx_length=False, max_retries=0
)

MIN_APPENDED_CHARACTERS = 64
"""Characters that a call to Slack waits for; slack_sdk's own default of 256 is later to the first words."""


class State(TypedDict, total=False):
    """The state that the checkpointer keeps."""

    chat: str
    said: str
    history: Annotated[list, add]
    vector: list


def read_open(state):
    """Reads what the webhook stored."""
    items = table.query(KeyConditionExpression=Key("pk").eq(state["chat"]))["Items"]
    return {"said": items[-1]["text"]}


def embed(state):
    """Embeds the message for a search."""
    return {"vector": embeddings.embed_query(state["chat"])}


def reply(state):
    """Streams the model's answer."""
    write, pieces = get_stream_writer(), []
    for piece in model.stream([*state.get("history", []), ("user", state["said"])]):
        if text := str(piece.text):
            write(text)
            pieces.append(text)
    return {"history": [("user", state["said"]), ("assistant", "".join(pieces))]}


builder = StateGraph(State)
for node in (read_open, embed, reply):
    builder.add_node(node.__name__, node)
builder.add_edge(START, "read_open")
builder.add_edge(START, "embed")
builder.add_edge(["read_open", "embed"], "reply")
builder.add_edge("reply", END)
graph = builder.compile(checkpointer=DynamoDBSaver(table_name=os.environ["CHECKPOINTS_TABLE"]))


def handler(event, context):
    """Takes one wake."""
    chat = json.loads(event["Records"][0]["body"])["chat"]
    _, team, channel, thread = chat.split(":")
    stream = slack.chat_stream(
        channel=channel,
        thread_ts=thread,
        recipient_team_id=team,
        recipient_user_id="U0ANA",
        buffer_size=MIN_APPENDED_CHARACTERS,
    )
    for piece in graph.stream({"chat": chat}, {"configurable": {"thread_id": chat}}, stream_mode="custom"):
        stream.append(markdown_text=piece)
    stream.stop()
    return {"batchItemFailures": []}
