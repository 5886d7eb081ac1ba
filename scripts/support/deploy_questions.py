"""The questions of scripts/deploy --guided: a few, each with a default that the Enter key takes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import botocore.session

from repartee.wiring.assistants import ASSISTANTS

from .deploy_settings import DeploySettings

DEFAULT_REGION = "eu-central-1"
NO_VALUE = "none"
URL_PATTERN = r"(https?://\S+)?"
ASSISTANT_PATTERN = f"({'|'.join(ASSISTANTS)})"
HOST_PATTERN = r"\S+"


@dataclass(frozen=True)
class Question:
    """One question: the name of what it sets, why it is asked, the default, and what an answer looks like."""

    name: str
    sentence: str
    default: str
    pattern: str
    expected: str


STACK = Question(
    "stack_name",
    "The name of the stack in CloudFormation; each installation needs its own.",
    "repartee",
    r"[A-Za-z][A-Za-z0-9-]{0,127}",
    "a name of letters, digits and hyphens",
)
REGION = Question(
    "region",
    "The AWS region that everything runs in.",
    DEFAULT_REGION,
    r"[a-z]{2}(-[a-z]+)+-\d",
    "a region such as eu-central-1",
)
PARAMETERS = (
    Question(
        "Assistant",
        "Which assistant answers: office works with Slack and OpenAI alone; coach needs Pinecone as well.",
        "office",
        rf"{ASSISTANT_PATTERN}|([a-z]+={ASSISTANT_PATTERN}|{ASSISTANT_PATTERN})"
        rf"(,[a-z]+={ASSISTANT_PATTERN})*",
        f"one of {', '.join(ASSISTANTS)}; also by channel, as in office,web=coach",
    ),
    Question(
        "OpenaiBaseUrl",
        "The address of the model's API, if it is not OpenAI's own.",
        "",
        URL_PATTERN,
        "an address such as https://gateway.example.com/v1",
    ),
    Question(
        "WeaviateUrl",
        "The address of Weaviate, which finds messages best. Without it they are kept in DynamoDB, which is "
        "enough for a small team.",
        "",
        URL_PATTERN,
        "an address such as https://weaviate.example.com",
    ),
    Question(
        "OdooUrl",
        "The address of the company's Odoo, if the assistant is to read it.",
        "",
        URL_PATTERN,
        "an address such as https://mycompany.odoo.com",
    ),
    Question(
        "AlarmTopicArn",
        "The SNS topic that alarms are sent to. Without it they are on the dashboard alone.",
        "",
        r"(arn:aws[a-z-]*:sns:\S+)?",
        "the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:alarms",
    ),
)
ODOO_PARAMETERS = (
    Question(
        "OdooUser",
        "The login that reads Odoo for people who have linked no account of their own. It is used for those "
        "alone whom the next answer names; without it each person reads with their own account.",
        "",
        r"\S*",
        "a login such as reader@example.com",
    ),
    Question(
        "ErpReaders",
        "Who may read Odoo with that login: workspaces, channels, domains or people, with commas. Everybody "
        "who finds the assistant can write to it, so nobody is the default; guests of Slack Connect and "
        "people in WhatsApp and Telegram are strangers.",
        "",
        r"[^\s\"]*",
        "names such as slack:T0123,slack:T0456:C0789,@example.com",
    ),
)
COACH_PARAMETERS = (
    Question(
        "PineconeKnowledgeHost",
        "The host of Pinecone's index with the coach's library.",
        "",
        HOST_PATTERN,
        "a host such as library-abc.svc.pinecone.io",
    ),
    Question(
        "PineconeMemoriesHost",
        "The host of Pinecone's index with what the coach knows about people.",
        "",
        HOST_PATTERN,
        "a host such as memories-abc.svc.pinecone.io",
    ),
)


def ask_questions(
    stored: DeploySettings, read: Callable[[str], str], tell: Callable[[str], None]
) -> DeploySettings:
    """Returns the settings with the answers. Raises EOFError when nobody answers.

    What was answered before is the default; parameters that are not asked for stay as they are.
    """
    tell("Enter takes what is in brackets.")
    region = stored.region or _configured_region(os.environ) or REGION.default
    stack_name = _ask(STACK, stored.stack_name or STACK.default, read, tell)
    region = _ask(REGION, region, read, tell)
    parameters = dict(stored.parameters)
    for question in PARAMETERS:
        parameters[question.name] = _ask(
            question, parameters.get(question.name, question.default), read, tell
        )
    if parameters["OdooUrl"]:
        for question in ODOO_PARAMETERS:
            parameters[question.name] = _ask(question, parameters.get(question.name, ""), read, tell)
    if "coach" in parameters["Assistant"]:
        for question in COACH_PARAMETERS:
            parameters[question.name] = _ask(question, parameters.get(question.name, ""), read, tell)
    return DeploySettings(stack_name, region, parameters)


def _ask(question: Question, default: str, read: Callable[[str], str], tell: Callable[[str], None]) -> str:
    """Returns the answer to one question, which is asked again until it can be one."""
    tell(f"\n{question.sentence}")
    while True:
        answer = read(f"{question.name} [{default or NO_VALUE}]: ").strip() or default
        answer = "" if answer == NO_VALUE else answer
        if re.fullmatch(question.pattern, answer) and not re.search(r'["\\]', answer):
            return answer
        tell(f"{answer or NO_VALUE} cannot be used here: please give {question.expected}.")


def _configured_region(environment: Mapping[str, str]) -> str:
    """Returns the region that the environment or the profile of AWS names."""
    named = environment.get("AWS_REGION") or botocore.session.get_session().get_config_variable("region")
    return str(named or "")
