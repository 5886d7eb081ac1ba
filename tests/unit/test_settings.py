"""What a setting is when nobody sets it, when somebody does, and when it is wrong."""

from __future__ import annotations

import pytest

from repartee.errors import SettingError
from repartee.setting_types import PerChannel, Setting
from repartee.settings import Settings
from repartee.wiring import Wiring, channels, functions
from repartee.wiring.assistants import ASSISTANTS

EVERY = [setting for setting in vars(Settings).values() if isinstance(setting, Setting)]


def test_a_missing_setting_is_named_with_its_purpose() -> None:
    """Whoever reads the error knows what to set, and what it is for."""
    with pytest.raises(SettingError) as missing:
        _ = Settings({}).records_table

    assert missing.value.name == "RECORDS_TABLE"
    assert str(missing.value) == "RECORDS_TABLE is not set. It names the DynamoDB table of inbox and records."


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_a_blank_setting_counts_as_missing(text: str) -> None:
    """A template's empty parameter is no value."""
    with pytest.raises(SettingError, match="RECORDS_TABLE is not set"):
        _ = Settings({"RECORDS_TABLE": text}).records_table


@pytest.mark.parametrize(
    "name,text",
    [
        ("PARALLEL_ENABLED", "maybe"),
        ("THREADS", "0"),
        ("THREADS", "-1"),
        ("THREADS", "many"),
        ("THREADS", "1.5"),
        ("ASSISTANT", "office,coach"),
        ("ASSISTANT", "web="),
        ("ASSISTANT", "=coach"),
        ("ASSISTANT", "web=office,web=coach"),
        ("WHATSAPP_TEMPLATE", "back_again"),
        ("WHATSAPP_TEMPLATE", ":en_US"),
        ("WEAVIATE_URL", "weaviate.example.com"),
        ("ODOO_URL", "ftp://odoo.example.com"),
    ],
)
def test_a_malformed_setting_is_named_with_what_is_wrong(name: str, text: str) -> None:
    """A value that cannot be read stops the start, with its name, its purpose and what it should be like."""
    setting = next(one for one in EVERY if one.name == name)

    with pytest.raises(SettingError, match=f"^{name} is malformed .*It {setting.purpose}"):
        Settings({name: text}).require(setting)


@pytest.mark.parametrize(
    "name",
    ["WEAVIATE_URL", "ODOO_URL", "WEB_JWKS_URL", "PINECONE_KNOWLEDGE_HOST", "PINECONE_MEMORIES_HOST"],
)
def test_addresses_without_encryption_are_refused(name: str) -> None:
    """The error names the setting and says what to write. On this machine http may be."""
    setting = next(one for one in EVERY if one.name == name)
    for address in (
        "http://store.example.com",
        "HTTP://store.example.com:80/x",
        "http://store.example.com@x",
    ):
        with pytest.raises(SettingError, match=f"^{name} is malformed .*write 'https://.*only localhost"):
            Settings({name: address}).require(setting)

    allowed = "https://store.example.com", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1"
    for address in allowed:
        assert setting.read(address) == address


def test_every_setting_says_what_it_is_for() -> None:
    """Each purpose continues the sentence "It …", and each name is set once."""
    assert all(setting.purpose and setting.purpose[0].islower() for setting in EVERY)
    assert len({setting.name for setting in EVERY}) == len(EVERY)


@pytest.mark.parametrize("text,parallel", [("false", False), ("0", False), ("No", False), ("TRUE", True)])
def test_a_flag_is_written_as_people_write_it(text: str, parallel: bool) -> None:
    """True and false in the usual words, in any case."""
    assert Settings({"PARALLEL_ENABLED": text}).parallel_enabled is parallel


def test_what_nobody_sets_has_its_default() -> None:
    """Parallel, 32 threads, one assistant for all."""
    settings = Settings({})

    assert settings.parallel_enabled
    assert settings.max_threads == 32
    assert settings.assistant.value_for("slack") == "office"


@pytest.mark.parametrize(
    "text,slack,web",
    [
        ("coach", "coach", "coach"),
        ("web=coach", "office", "coach"),
        ("office, web = coach", "office", "coach"),
        ("slack=coach,office,web=coach,", "coach", "coach"),
    ],
)
def test_a_setting_may_differ_by_channel(text: str, slack: str, web: str) -> None:
    """One value for all, or others for some, with or without spaces."""
    assistant: PerChannel = Settings({"ASSISTANT": text}).assistant

    assert (assistant.value_for("slack"), assistant.value_for("web")) == (slack, web)


@pytest.mark.parametrize(
    "room, named",
    [
        ("whatsapp:106:p1", "desk"),
        ("whatsapp:107:p1", "office"),
        ("slack:T1:C1", "desk"),
        ("slack:T1:C2", "coach"),
        ("telegram:42", "desk"),
    ],
)
def test_the_narrowest_place_counts(room: str, named: str) -> None:
    """A number, a channel of Slack or a bot may have another assistant than the rest of its platform."""
    text = "office,whatsapp:106=desk,slack=coach,slack:T1:C1=desk,telegram=desk"

    assert Settings({"ASSISTANT": text}).assistant.value_for(room) == named


def test_only_secrets_are_looked_up() -> None:
    """A setting that is no secret never costs a call to Secrets Manager."""
    asked: list[str] = []

    def look_up(name: str) -> str:
        asked.append(name)
        return "found"

    settings = Settings({"RECORDS_TABLE": "Records"}, look_up)
    for setting in EVERY:
        if setting.name not in ("THREADS", "WEAVIATE_GRPC_PORT", "PARALLEL_ENABLED"):
            settings.look_up(setting)

    assert sorted(asked) == sorted(setting.name for setting in EVERY if setting.secret)
    assert settings.slack_bot_token == "found"


def test_the_environment_wins_over_the_document() -> None:
    """A secret that is set by hand is not looked up."""

    def look_up(name: str) -> str:
        raise AssertionError(name)

    assert Settings({"SLACK_BOT_TOKEN": "xoxb-own"}, look_up).slack_bot_token == "xoxb-own"


def test_an_unknown_assistant_stops_the_start() -> None:
    """A misspelt assistant is an error of the start and not of the first message."""
    wiring = Wiring(
        {
            "ASSISTANT": "ofice",
            "SQLITE_PATH": ":memory:",
            "OPENAI_API_KEY": "sk",
            "RECORDS_TABLE": "R",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }
    )

    wrong = r"ASSISTANT is malformed \(there is no ofice; there are " + ", ".join(ASSISTANTS) + r"\)"
    with pytest.raises(SettingError, match=wrong):
        wiring.make_parts(functions.chat_worker)


def test_an_empty_signing_secret_accepts_nothing() -> None:
    """A secret that is set to nothing is missing: nobody signs with the empty key."""
    with pytest.raises(SettingError, match="SLACK_SIGNING_SECRET is not set"):
        Wiring({"SLACK_SIGNING_SECRET": " "}).make_parts(channels.receivers)


@pytest.mark.parametrize("value", ["ten", "-1", "inf", "nan"])
def test_a_budget_is_an_amount(value: str) -> None:
    """What is no amount of dollars stops the start; nothing set is no budget."""
    with pytest.raises(SettingError, match="BUDGET_ROOM_COST"):
        assert Settings({"BUDGET_ROOM_COST": value}).budget_room_cost

    assert Settings({"BUDGET_ROOM_COST": "2.50"}).budget_room_cost == 2.5
    assert Settings({}).budget_room_cost == 0


@pytest.mark.parametrize("value", ["gpt", "gpt=1/2", "=1/2/3", "gpt=1/2/x"])
def test_prices_are_three_by_a_name(value: str) -> None:
    """For tokens in, cached, and out."""
    with pytest.raises(SettingError, match="MODEL_PRICES"):
        assert Settings({"MODEL_PRICES": value}).model_prices

    assert Settings({"MODEL_PRICES": "a=1/0.1/5, b=2/2/0"}).model_prices == {"a": (1, 0.1, 5), "b": (2, 2, 0)}
