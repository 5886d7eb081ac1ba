"""Whether the model, the stores, Odoo and AWS answer with what is set."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from repartee.domain.finding import Finding
from repartee.errors import BackendError, DeadlineExceeded, Unavailable
from repartee.operations.http_calls import call_http
from repartee.ports import ErpAccount
from repartee.services.odoo import OdooClient, OdooErp
from repartee.settings import Settings
from repartee.stores.dynamodb.sign_pages import max_compared_messages

COLLECTION_NAMES = {"UserMessage", "AssistantMessage", "Meeting"}
DEFAULT_DIMENSIONS = 1536
NOBODY = "doctor:nobody"
MIN_LINKS_KEY_CHARS = 32


class NoAccounts:
    """Accounts in which no person has linked one: so the shared login is tried."""

    def find(self, person: str) -> ErpAccount | None:
        return None

    def link(self, person: str, account: ErpAccount) -> None:
        raise NotImplementedError

    def unlink(self, person: str) -> None:
        raise NotImplementedError


def check_model(settings: Settings, _: str) -> Iterator[Finding]:
    """Yields whether the API knows the key and each model."""
    key, base = settings.openai_api_key, settings.openai_base_url.rstrip("/")
    for model in dict.fromkeys((settings.model, settings.small_model, settings.embedding_model)):
        answer = call_http(f"{base}/models/{model}", headers={"Authorization": f"Bearer {key}"})
        if answer.status == 401:
            advice = "Model: make a key at https://platform.openai.com/api-keys and set OPENAI_API_KEY."
            yield Finding("wrong", "Model", "the key is refused", advice)
            return
        if answer.status == 404:
            names = "MODEL, SMALL_MODEL, EMBEDDING_MODEL"
            advice = f"Model: name a model that the account has, instead of {model} ({names})."
            yield Finding("wrong", "Model", f"there is no model {model}", advice)
        elif answer.status != 200:
            yield Finding("unchecked", "Model", f"answered {answer.status} when asked about {model}")
        else:
            yield Finding("ok", "Model", f"{model} can be used")


def check_weaviate(settings: Settings, _: str) -> Iterator[Finding]:
    """Yields whether Weaviate takes the key, and has the collections."""
    key = settings.weaviate_api_key
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = call_http(f"{settings.weaviate_url.rstrip('/')}/v1/schema", headers=headers)
    if answer.status in (401, 403):
        yield Finding(
            "wrong",
            "Weaviate",
            "the key is refused",
            "Weaviate: set WEAVIATE_API_KEY to a key of the cluster.",
        )
        return
    if answer.status != 200:
        advice = "Weaviate: see whether the cluster runs, and WEAVIATE_URL names it."
        yield Finding("wrong", "Weaviate", f"answered {answer.status}", advice)
        return
    there = {one["class"] for one in answer.body.get("classes", ())}
    if missing := sorted(COLLECTION_NAMES - there):
        advice = "Weaviate: scripts/schema makes the collections."
        yield Finding("wrong", "Weaviate", f"lacks {', '.join(missing)}", advice)
    else:
        yield Finding("ok", "Weaviate", "answers, and has the collections")


def check_messages_table(settings: Settings, _: str) -> Iterator[Finding]:
    """Yields what holds for messages without Weaviate: how many are compared by meaning."""
    count = max_compared_messages(DEFAULT_DIMENSIONS)
    yield Finding("ok", "Messages", "are kept in DynamoDB, which is enough for a small team")
    fact = f"in a room with more than {count:,} messages of a side, older ones are found by words alone"
    yield Finding("note", "Messages", fact)


def check_pinecone(settings: Settings, _: str) -> Iterator[Finding]:
    """Yields whether the indexes answer, and how many vectors they hold."""
    for name, host in (
        ("the library", settings.pinecone_knowledge_host),
        ("the memories", settings.pinecone_memories_host),
    ):
        if not host:
            advice = "Pinecone: set PINECONE_KNOWLEDGE_HOST and PINECONE_MEMORIES_HOST (docs/stores.md)."
            yield Finding("wrong", "Pinecone", f"the index of {name} is not named", advice)
            continue
        url = host if "://" in host else f"https://{host}"
        headers = {"Api-Key": settings.pinecone_api_key, "X-Pinecone-Api-Version": "2025-10"}
        answer = call_http(f"{url.rstrip('/')}/describe_index_stats", {}, headers)
        if answer.status == 200:
            yield Finding("ok", "Pinecone", f"{name}: {answer.body.get('totalVectorCount', 0):,} vectors")
        elif answer.status in (401, 403):
            yield Finding(
                "wrong",
                "Pinecone",
                "the key is refused",
                "Pinecone: set PINECONE_API_KEY to the project's key.",
            )
            return
        else:
            advice = f"Pinecone: see whether the host of {name} is that of an index."
            yield Finding("wrong", "Pinecone", f"{name} answered {answer.status}", advice)


def check_odoo(settings: Settings, _: str) -> Iterator[Finding]:
    """Yields whether Odoo answers with the shared login."""
    if not (settings.odoo_user and settings.look_up(Settings.odoo_api_key)):
        advice = "Odoo: set ODOO_USER and ODOO_API_KEY, or link people's accounts: scripts/odoo --help"
        yield Finding("note", "Odoo", "is read only for people who have linked their accounts", advice)
        return
    client = OdooClient(settings.odoo_url, settings.odoo_database, settings.odoo_api)
    shared = ErpAccount(settings.odoo_user, settings.odoo_api_key)
    erp = OdooErp(client, NoAccounts(), shared, time.monotonic, lambda _: {})
    try:
        models = erp.list_models(NOBODY)
        yield Finding("ok", "Odoo", f"answers {settings.odoo_user}, who can see {len(models)} models")
    except (Unavailable, DeadlineExceeded) as failure:
        yield Finding("unchecked", "Odoo", str(failure))
    except BackendError as failure:
        advice = "Odoo: see ODOO_URL, ODOO_DATABASE, ODOO_USER, and make a key in the user's preferences."
        yield Finding("wrong", "Odoo", str(failure), advice)


def check_email(settings: Settings, _: str) -> Iterator[Finding]:
    """Yields whether the key that signs links is long enough that nobody guesses it."""
    length = len(settings.email_links_key)
    if length >= MIN_LINKS_KEY_CHARS:
        yield Finding("ok", "E-mail", "links in e-mails are signed")
        return
    advice = f"E-mail: set EMAIL_LINKS_KEY to {MIN_LINKS_KEY_CHARS} random characters (docs/briefs.md)."
    yield Finding("wrong", "E-mail", f"EMAIL_LINKS_KEY has {length} characters, which is few", advice)


def check_aws(
    settings: Settings, _: str, environment: Mapping[str, str], make_client: Callable[[str], Any]
) -> Iterator[Finding]:
    """Yields whose account it is, and whether the table, the queue, the bucket and the secrets are there."""
    calls = [
        ("account", "sts", "get_caller_identity", {}),
        ("table", "dynamodb", "describe_table", {"TableName": environment.get("RECORDS_TABLE", "")}),
        (
            "messages table",
            "dynamodb",
            "describe_table",
            {"TableName": environment.get("MESSAGES_TABLE", "")},
        ),
        ("queue", "sqs", "get_queue_attributes", {"QueueUrl": environment.get("WAKES_QUEUE_URL", "")}),
        ("bucket", "s3", "head_bucket", {"Bucket": environment.get("MEDIA_BUCKET", "")}),
        ("secrets", "secretsmanager", "describe_secret", {"SecretId": environment.get("SECRETS_ID", "")}),
    ]
    for name, service, operation, arguments in calls:
        if not all(arguments.values()):
            continue
        try:
            getattr(make_client(service), operation)(**arguments)
            yield Finding("ok", "AWS", f"the {name} answers")
        except ClientError as refusal:
            yield Finding(
                "wrong",
                "AWS",
                f"the {name}: {refusal.response['Error'].get('Code')}",
                f"AWS: see the {name} and the rights of these credentials.",
            )
            if name == "account":
                return
        except BotoCoreError as problem:
            if "Credentials" in type(problem).__name__ or "Region" in type(problem).__name__:
                advice = "AWS: sign in (aws configure or aws sso login), and set AWS_REGION."
                yield Finding("wrong", "AWS", f"{problem}", advice)
            else:
                yield Finding("unchecked", "AWS", f"the {name} did not answer ({type(problem).__name__})")
            return
