"""What the template promises, read from the template itself."""

from __future__ import annotations

import pytest

from repartee.briefs.reminding import CLAIM_MARGIN_SECONDS
from repartee.setting_types import Setting
from repartee.settings import Settings
from support import sam
from tests.support.stack_template import ROOT, load_template

STACK = load_template()

ADAPTER = {"AWS_LAMBDA_EXEC_WRAPPER", "AWS_LWA_INVOKE_MODE", "AWS_LWA_READINESS_CHECK_PROTOCOL", "PORT"}
"""What the Lambda Web Adapter reads."""

ALLOCATOR = {"MALLOC_ARENA_MAX"}
"""What glibc reads (mallopt(3))."""

NO_RESOURCE = {"comprehend:DetectPiiEntities"}
"""Actions that know no resource."""


def test_linters_are_content() -> None:
    """Neither cfn-lint nor checkov finds anything that has no reason beside it."""
    if lack := sam.why_unavailable():
        pytest.skip(reason=lack)

    sam.validate_template()


def test_every_function_is_there() -> None:
    """Each function of the template has its folder and its handler."""
    folders = [function["CodeUri"] for function in STACK.functions.values()]

    assert [folder for folder in folders if not (ROOT / folder / "app.py").exists()] == []


@pytest.mark.parametrize("function", STACK.functions)
def test_environment_holds_settings(function: str) -> None:
    """Whatever a function finds in its environment is a setting, or is read by its server or allocator."""
    known = {value.name for value in vars(Settings).values() if isinstance(value, Setting)}

    known |= ALLOCATOR | (ADAPTER if function == "Stream" else set())

    assert STACK.function_settings(function).keys() <= known


@pytest.mark.parametrize("function", STACK.functions)
def test_what_nobody_sets_can_be_read(function: str) -> None:
    """With the parameters' defaults every setting of a function's environment is one that the code takes."""
    parameters = STACK.document["Parameters"]
    environment = {
        name: str(parameters[value["Ref"]].get("Default", "https://weaviate.example.com"))
        for name, value in STACK.function_settings(function).items()
        if isinstance(value, dict) and value.get("Ref") in parameters
    }

    for setting in (value for value in vars(Settings).values() if isinstance(value, Setting)):
        if environment.get(setting.name):
            setting.__get__(Settings(environment), Settings)


def test_every_setting_can_be_set() -> None:
    """What is no secret, and leads nowhere else in tests, is in the environment of some function."""
    known = {one.name for one in vars(Settings).values() if isinstance(one, Setting) and not one.secret}
    elsewhere = {
        *("SLACK_API_URL", "TELEGRAM_API_URL", "WHATSAPP_API_URL", "SQLITE_PATH"),
        "AWS_LAMBDA_FUNCTION_VERSION",
    }

    assert (
        known - elsewhere
        == {name for function in STACK.functions for name in STACK.function_settings(function)} & known
    )


def test_no_right_is_a_wildcard() -> None:
    """Each right names its actions and its resources, and no role borrows a policy from elsewhere."""
    for role, statement in STACK.policy_statements():
        actions = statement["Action"]
        assert all("*" not in action for action in ([actions] if isinstance(actions, str) else actions)), role
        if isinstance(actions, list) or actions not in NO_RESOURCE:
            resources = statement["Resource"]
            named = resources if isinstance(resources, list) else [resources]
            assert all(isinstance(one, dict) for one in named), role
    assert all("ManagedPolicyArns" not in role for role in STACK.resources_of_type("AWS::IAM::Role").values())
    assert all("Role" in function for function in STACK.functions.values())


def test_a_wake_stays_hidden_as_long_as_its_turn_may_take() -> None:
    """The queue's visibility is at least the turn's timeout, as Lambda demands."""
    assert (
        STACK.resources_of_type("AWS::SQS::Queue")["Wakes"]["VisibilityTimeout"]
        >= STACK.functions["Turn"]["Timeout"]
    )


def test_a_reminder_is_said_within_a_minute_after_a_crash() -> None:
    """Its wake comes back above the teller's timeout and the end of its claim, and in time for another."""
    visible = STACK.resources_of_type("AWS::SQS::Queue")["Reminders"]["VisibilityTimeout"]
    claimed = STACK.functions["Remind"]["Timeout"] + CLAIM_MARGIN_SECONDS

    assert claimed < visible
    assert visible + STACK.functions["Remind"]["Timeout"] < 60


def test_pollers_take_no_more_wakes_than_turns_may_run() -> None:
    """The event source's concurrency is the turn's reserved one, for a throttled wake counts as received."""
    turn = STACK.functions["Turn"]
    wakes = turn["Events"]["Wakes"]["Properties"]

    assert wakes["ScalingConfig"]["MaximumConcurrency"] == turn["ReservedConcurrentExecutions"]
    assert wakes["BatchSize"] == 1
    assert wakes["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_what_fails_five_times_is_a_dead_letter() -> None:
    """A wake that five turns could not take goes to the queue that an operator looks at."""
    redrive = STACK.resources_of_type("AWS::SQS::Queue")["Wakes"]["RedrivePolicy"]

    assert redrive == {"deadLetterTargetArn": {"Fn::GetAtt": "DeadLetters.Arn"}, "maxReceiveCount": 5}


def test_a_claim_can_be_one_consistent_query() -> None:
    """What is open is found by a local index, since only those can be read consistently."""
    (index,) = STACK.resources_of_type("AWS::DynamoDB::Table")["Records"]["LocalSecondaryIndexes"]

    assert index["IndexName"] == "open"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["pk", "open"]
