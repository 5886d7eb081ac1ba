"""Whether Slack, Telegram and WhatsApp answer with the secrets that are set, and what they still lack."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from repartee.domain.finding import Finding
from repartee.operations.http_calls import call_http
from repartee.operations.slack_scopes import NEEDED_SCOPES, REPLACEABLE_SCOPES
from repartee.operations.telegram_calls import ALLOWED_UPDATES, COMMANDS, WEBHOOK_PATH, call_telegram
from repartee.settings import Settings

SLACK_APPS_URL = "https://api.slack.com/apps"


def check_slack(settings: Settings, host: str) -> Iterator[Finding]:
    """Yields what auth.test says of the bot's token, and which scopes it lacks."""
    token = settings.slack_bot_token
    answer = call_http(
        f"{settings.slack_api_url.rstrip('/')}/auth.test", {}, {"Authorization": f"Bearer {token}"}
    )
    if not answer.body.get("ok"):
        error = answer.body.get("error", answer.status)
        place = f"{SLACK_APPS_URL}, OAuth & Permissions"
        advice = f"Slack: copy the Bot User OAuth Token ({place}) to SLACK_BOT_TOKEN."
        yield Finding("wrong", "Slack", f"the token is refused: {error}", advice)
        return
    yield Finding("ok", "Slack", f"answers as {answer.body.get('user')} in {answer.body.get('team')}")
    yield from _check_scopes(answer.headers.get("x-oauth-scopes"))
    if settings.look_up(Settings.slack_signing_secret):
        yield Finding(
            "note", "Slack", f"posts to https://{host or 'YOUR-HOST'}/slack/events, as the manifest says"
        )


def _check_scopes(granted: str | None) -> Iterator[Finding]:
    if granted is None:
        yield Finding("unchecked", "Slack", "does not say which scopes the token has")
        return
    missing = sorted(set(NEEDED_SCOPES) - {scope.strip() for scope in granted.split(",")})
    if not missing:
        yield Finding("ok", "Slack", f"all {len(NEEDED_SCOPES)} scopes of the manifest are granted")
        return
    for scope in missing:
        without = REPLACEABLE_SCOPES.get(scope, "it does not work")
        advice = (
            f"Slack: add {', '.join(missing)} under OAuth & Permissions → Scopes and install the app again."
        )
        yield Finding("wrong", "Slack", f"the scope {scope} is missing: without it {without}", advice)


def check_socket_mode(settings: Settings, _: str) -> Iterator[Finding]:
    """Yields whether the app-level token opens a connection of Socket Mode."""
    url = f"{settings.slack_api_url.rstrip('/')}/apps.connections.open"
    answer = call_http(url, {}, {"Authorization": f"Bearer {settings.look_up(Settings.slack_app_token)}"})
    if answer.body.get("ok"):
        yield Finding("ok", "Slack", "Socket Mode can be opened: scripts/serve needs no public address")
        return
    advice = f"Slack: make an app-level token with connections:write ({SLACK_APPS_URL}, Basic Information)."
    yield Finding(
        "wrong", "Slack", f"Socket Mode is refused: {answer.body.get('error', answer.status)}", advice
    )


def check_telegram(settings: Settings, host: str) -> Iterator[Finding]:
    """Yields what getMe, getWebhookInfo and getMyCommands say."""
    api_url, token = settings.telegram_api_url, settings.telegram_bot_token
    me = call_telegram(api_url, token, "getMe")
    if not me.body.get("ok"):
        problem = me.body.get("description", me.status)
        advice = "Telegram: ask @BotFather for the token (/token) and set TELEGRAM_BOT_TOKEN."
        yield Finding("wrong", "Telegram", f"the token is refused: {problem}", advice)
        return
    username = str(me.body["result"].get("username", ""))
    yield Finding("ok", "Telegram", f"answers as @{username}")
    own = settings.telegram_bot_username.removeprefix("@")
    if own and own.lower() != username.lower():
        advice = f"Telegram: set TELEGRAM_BOT_USERNAME (TelegramBotUsername) to {username}."
        yield Finding("wrong", "Telegram", f"groups call it @{own}, but its name is @{username}", advice)
    yield from _check_webhook(call_telegram(api_url, token, "getWebhookInfo").body.get("result", {}), host)
    offered = call_telegram(api_url, token, "getMyCommands").body.get("result", [])
    if {one["command"] for one in offered} >= set(COMMANDS):
        yield Finding("ok", "Telegram", "offers its commands")
    else:
        yield Finding("note", "Telegram", "offers no commands", _register_advice(host))


def _check_webhook(webhook: dict[str, object], host: str) -> Iterator[Finding]:
    url = str(webhook.get("url", ""))
    if not url:
        fact = "no webhook is registered: scripts/serve asks for updates, a deployment gets none"
        yield Finding("note", "Telegram", fact, _register_advice(host))
        return
    expected = f"https://{host}{WEBHOOK_PATH}" if host else url
    if url != expected or urlsplit(url).path != WEBHOOK_PATH:
        yield Finding(
            "wrong", "Telegram", f"posts to {urlsplit(url).netloc}, not to {host}", _register_advice(host)
        )
    else:
        yield Finding("ok", "Telegram", f"posts to {url}")
    if error := webhook.get("last_error_message"):
        yield Finding(
            "wrong",
            "Telegram",
            f"its last post failed: {error}",
            "Telegram: scripts/tail shows why it fails.",
        )
    allowed = webhook.get("allowed_updates")
    lacking = sorted(set(ALLOWED_UPDATES) - set(allowed if isinstance(allowed, list) else []))
    if lacking:
        yield Finding("wrong", "Telegram", f"does not post {', '.join(lacking)}", _register_advice(host))


def _register_advice(host: str) -> str:
    return f"Telegram: scripts/doctor telegram-webhook --host {host or 'YOUR-HOST'}"


def check_whatsapp(settings: Settings, host: str) -> Iterator[Finding]:
    """Yields what the Cloud API says of the number."""
    number = settings.whatsapp_phone_number_id
    if not number:
        advice = "WhatsApp: set WHATSAPP_PHONE_NUMBER_ID (WhatsAppPhoneNumberId), from API Setup."
        yield Finding("unchecked", "WhatsApp", "no number is named, so none was asked for", advice)
        return
    fields = "display_phone_number,verified_name,status,webhook_configuration"
    token = settings.whatsapp_access_token
    url = f"{settings.whatsapp_api_url.rstrip('/')}/{number}?fields={fields}"
    answer = call_http(url, headers={"Authorization": f"Bearer {token}"})
    if answer.status != 200:
        problem = dict(answer.body.get("error", {})).get("message", answer.status)
        advice = (
            "WhatsApp: make a token of a system user with whatsapp_business_messaging (docs/whatsapp.md)."
        )
        yield Finding("wrong", "WhatsApp", f"the token or the number is refused: {problem}", advice)
        return
    yield Finding("ok", "WhatsApp", f"answers for {answer.body.get('verified_name', 'the number')}")
    if answer.body.get("status", "CONNECTED") != "CONNECTED":
        advice = "WhatsApp: register the number with a PIN (docs/whatsapp.md, step 6)."
        yield Finding("wrong", "WhatsApp", f"the number is {answer.body['status']}", advice)
    posted = dict(answer.body.get("webhook_configuration", {})).get("application", "")
    wanted = f"https://{host}/whatsapp/webhook" if host else posted
    if posted and posted == wanted:
        yield Finding("ok", "WhatsApp", f"posts to {posted}")
        return
    callback = f"https://{host or 'YOUR-HOST'}/whatsapp/webhook"
    advice = f"WhatsApp: set the callback {callback}, with WHATSAPP_VERIFY_TOKEN, and subscribe to messages."
    yield Finding(
        "wrong", "WhatsApp", "posts to another address" if posted else "posts to no address", advice
    )
