"""Which channels are there: those whose secrets are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from repartee.errors import SettingError
from repartee.ports.channels import Receiver
from repartee.wiring import Wiring, channels, services, warm_up
from repartee.wiring.platforms import Platform, SlackPlatform, TelegramPlatform

AWS = {"RECORDS_TABLE": "R", "AWS_DEFAULT_REGION": "eu-central-1"}


def test_only_channels_whose_secret_is_set_are_listened_to() -> None:
    """Telegram alone is enough."""
    assert routes(TELEGRAM_WEBHOOK_SECRET="s") == {"/telegram/webhook"}
    assert routes(WHATSAPP_APP_SECRET="s", WHATSAPP_VERIFY_TOKEN="t", PERSON_ID_KEY="k") == {
        "/whatsapp/webhook"
    }
    assert all(path.startswith("/slack/") for path in routes(SLACK_SIGNING_SECRET="s"))


def routes(**settings: str) -> set[str]:
    receivers = Wiring(settings).get(channels.receivers)
    return set(receivers)


def test_without_any_channel_nothing_starts() -> None:
    """Neither what listens nor what answers."""
    with pytest.raises(SettingError, match="SLACK_SIGNING_SECRET is not set"):
        Wiring({}).make_parts(channels.receivers)
    with pytest.raises(SettingError, match="SLACK_BOT_TOKEN is not set"):
        Wiring(AWS).make_parts(channels.reply_senders)


def test_who_can_only_write_in_telegram_needs_no_slack() -> None:
    """Its token is enough to answer."""
    senders = Wiring({**AWS, "TELEGRAM_BOT_TOKEN": "7001:token"}).get(channels.reply_senders)

    assert "telegram" in senders
    assert "slack" not in senders


def test_a_channel_that_is_listened_to_must_be_answered() -> None:
    """A webhook's secret without the token stops the start."""
    with pytest.raises(SettingError, match="TELEGRAM_BOT_TOKEN is not set"):
        Wiring({**AWS, "TELEGRAM_WEBHOOK_SECRET": "s"}).make_parts(channels.reply_senders)
    with pytest.raises(SettingError, match="WHATSAPP_ACCESS_TOKEN is not set"):
        Wiring({**AWS, "WHATSAPP_APP_SECRET": "s"}).make_parts(channels.reply_senders)
    with pytest.raises(SettingError, match="WHATSAPP_VERIFY_TOKEN is not set"):
        Wiring({"WHATSAPP_APP_SECRET": "s"}).make_parts(channels.receivers)
    with pytest.raises(SettingError, match="PERSON_ID_KEY is not set"):
        Wiring({"WHATSAPP_APP_SECRET": "s", "WHATSAPP_VERIFY_TOKEN": "t"}).make_parts(channels.receivers)


def test_a_budget_in_dollars_needs_to_know_what_the_models_cost() -> None:
    """A model without a price stops the start where an operator wants to bound what it costs."""
    given = {"BUDGET_ROOM_COST": "1.50", "MODEL": "ours", "SMALL_MODEL": "gpt-6-luna"}

    assert Wiring({**given, "MODEL_PRICES": "ours=1/1/1"}).get(services.budgets).room.max_cost_usd == 1.5
    with pytest.raises(SettingError, match=r"MODEL_PRICES.*ours"):
        Wiring(given).make_parts(services.budgets)


def test_a_channel_is_imported_for_its_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start of a webhook that hears several channels imports none of them; all are, before a snapshot."""
    wiring = Wiring({"SLACK_SIGNING_SECRET": "s", "TELEGRAM_WEBHOOK_SECRET": "s"})
    made: list[str] = []
    for platform in (SlackPlatform, TelegramPlatform):
        monkeypatch.setattr(platform, "make_receivers", _noting(made, platform))

    receivers = wiring.get(channels.receivers)
    assert made == []
    assert receivers.get("/whatsapp/webhook") is None
    assert receivers["/telegram/webhook"] is receivers["/telegram/webhook"]
    assert receivers.get("/telegram/elsewhere") is None
    assert made == ["telegram"]

    warm_up.preload(wiring)
    assert made == ["telegram", "slack"]


def _noting(made: list[str], platform: type[Platform]) -> Callable[[Platform], Mapping[str, Receiver]]:
    make = platform.make_receivers

    def make_receivers(self: Platform) -> Mapping[str, Receiver]:
        made.append(self.name)
        return make(self)

    return make_receivers
