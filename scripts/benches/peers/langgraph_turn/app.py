"""A turn in LangGraph at its smallest: what is open and its embedding in parallel, then the model."""

import json
import os
from typing import TypedDict

import boto3
from boto3.dynamodb.conditions import Key
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langgraph.graph import END, START, StateGraph

secrets = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRETS_ID"])
key = json.loads(secrets["SecretString"])["OPENAI_API_KEY"]
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])
model = ChatOpenAI(model=os.environ["MODEL"], api_key=key, use_responses_api=True, max_retries=0)
embeddings = OpenAIEmbeddings(
    model=os.environ["EMBEDDING_MODEL"], api_key=key, check_embedding_ctx_length=False, max_retries=0
)


class State(TypedDict, total=False):
    """The state of the nodes."""

    chat: str
    said: str
    history: list
    vector: list
    reply: str


def history(state):
    """Returns the messages of the chat."""
    return {"history": table.query(KeyConditionExpression=Key("pk").eq(state["chat"]))["Items"]}


def embedding(state):
    """The vector of what was said."""
    return {"vector": embeddings.embed_query(state["said"])}


def reply(state):
    """The model's answer, streamed."""
    return {"reply": "".join(str(piece.text) for piece in model.stream([("user", state["said"])]))}


builder = StateGraph(State)
for node in (history, embedding, reply):
    builder.add_node(node.__name__, node)
builder.add_edge(START, "history")
builder.add_edge(START, "embedding")
builder.add_edge(["history", "embedding"], "reply")
builder.add_edge("reply", END)
graph = builder.compile()


def handler(event, context):
    """Takes one wake."""
    chat = json.loads(event["Records"][0]["body"])["chat"]
    return {"reply": graph.invoke({"chat": chat, "said": "when does the Lisbon office open?"})["reply"]}
