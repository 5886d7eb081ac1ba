"""Every setting: its name, what it is for, and what it is when nobody sets it.

Nothing else reads the environment. A secret that is not set in the environment is looked up in the
Secrets Manager document that SECRETS_ID names. A setting is read when it is asked for, so a function
needs only those that its own parts use, and `Settings` is made anew after a SnapStart restore.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from repartee.setting_types import (
    PerChannel,
    Setting,
    choice_setting,
    count_setting,
    dollars_setting,
    erp_readers_setting,
    flag_setting,
    flags_address_setting,
    list_setting,
    named_language_setting,
    odoo_api_setting,
    per_channel_setting,
    prices_setting,
    secret_setting,
    service_host_setting,
    service_url_setting,
    text_setting,
    wait_setting,
)

__all__ = ["PerChannel", "SecretLookup", "Setting", "Settings"]

SecretLookup = Callable[[str], str]


class Settings:
    """The settings of one process. Give it the environment, and how to look up a secret by name."""

    parallel_enabled = flag_setting(
        "PARALLEL_ENABLED", "runs the steps of a turn at once; false runs them one by one", True
    )
    flags_address = flags_address_setting(
        "FLAGS", "names the flags in AppConfig: application/environment/profile"
    )
    flags_strategy = text_setting(
        "FLAGS_STRATEGY", "names AppConfig's strategy of deploying flags at once", ""
    )
    max_threads = count_setting("THREADS", "is how many steps may run at once in a process", 32)
    assistant = per_channel_setting(
        "ASSISTANT", "says which assistant answers, by channel, number or room where they differ", "office"
    )

    redaction_mode = choice_setting(
        "PII", "says what hides personal details from models", "off", "rules", "comprehend", "local"
    )
    redaction_key = secret_setting(
        "PII_KEY", "makes the placeholders of personal details, so that nobody guesses them"
    )
    stored_redaction_mode = choice_setting(
        "PII_STORED", "says how the messages store keeps what was said", "said", "masked"
    )

    person_id_key = secret_setting(
        "PERSON_ID_KEY", "hashes telephone numbers and addresses that are people's ids; never change it"
    )

    slack_signing_secret = secret_setting("SLACK_SIGNING_SECRET", "proves that an event comes from Slack")
    slack_bot_token = secret_setting("SLACK_BOT_TOKEN", "lets the assistant write in Slack")
    slack_app_token = Setting(
        "SLACK_APP_TOKEN",
        "opens Socket Mode, by which scripts/serve needs no public address",
        str,
        "",
        secret=True,
    )
    slack_api_url = text_setting("SLACK_API_URL", "is where Slack's Web API is", "https://slack.com/api/")

    telegram_webhook_secret = secret_setting(
        "TELEGRAM_WEBHOOK_SECRET", "proves that an update comes from Telegram"
    )
    telegram_bot_token = secret_setting("TELEGRAM_BOT_TOKEN", "lets the assistant write in Telegram")
    telegram_bot_username = text_setting(
        "TELEGRAM_BOT_USERNAME", "is the name by which groups call the assistant in Telegram", ""
    )
    telegram_api_url = text_setting(
        "TELEGRAM_API_URL", "is where Telegram's Bot API is", "https://api.telegram.org"
    )

    whatsapp_app_secret = secret_setting("WHATSAPP_APP_SECRET", "proves that a webhook comes from Meta")
    whatsapp_verify_token = secret_setting(
        "WHATSAPP_VERIFY_TOKEN", "is the word that Meta says when it subscribes"
    )
    whatsapp_access_token = secret_setting("WHATSAPP_ACCESS_TOKEN", "lets the assistant write in WhatsApp")
    whatsapp_phone_number_id = text_setting(
        "WHATSAPP_PHONE_NUMBER_ID", "is the business's number that the assistant answers; all if not set", ""
    )
    whatsapp_template = named_language_setting(
        "WHATSAPP_TEMPLATE", "is what is said to people who wrote more than a day ago, as in back_again:en_US"
    )
    whatsapp_api_url = text_setting(
        "WHATSAPP_API_URL", "is where the Cloud API is", "https://graph.facebook.com/v25.0"
    )

    web_jwks_url = service_url_setting(
        "WEB_JWKS_URL", "is where the issuer of web clients' tokens publishes its keys"
    )
    web_issuer = text_setting(
        "WEB_ISSUER", "is who must have issued web clients' tokens, if that is checked", ""
    )
    web_audience = text_setting("WEB_AUDIENCE", "is the audience that web clients' tokens must be meant for")
    web_origins = list_setting(
        "WEB_ORIGINS", "names the origins whose pages may call, with commas; * for all"
    )
    web_max_concurrent_chats = count_setting(
        "WEB_ANSWERS", "is how many chats a process answers at once on the web", 16
    )
    web_messages_per_minute = count_setting(
        "WEB_RATE", "is how many messages a person may send in a minute on the web", 20
    )
    web_kilobytes_per_minute = count_setting(
        "WEB_KILOBYTES", "is how many kilobytes, with files, a person may send in a minute on the web", 4096
    )

    console_issuer = service_url_setting(
        "CONSOLE_ISSUER", "is the login service of the console's operators (OpenID Connect)"
    )
    console_client_id = text_setting("CONSOLE_CLIENT_ID", "is the console's client id at the login service")
    console_client_secret = secret_setting(
        "CONSOLE_CLIENT_SECRET", "is the console's client secret at the login service"
    )
    console_session_key = secret_setting(
        "CONSOLE_SESSION_KEY", "signs the cookies of the console; 32 random characters or more"
    )
    console_roles = list_setting(
        "CONSOLE_ROLES",
        "says who may do what in the console, as in admin=groups:platform,viewer=email:@example.com",
    )
    console_scopes = text_setting(
        "CONSOLE_SCOPES", "is what the login service is asked to tell of operators", "openid profile email"
    )
    console_url = service_url_setting(
        "CONSOLE_URL", "is where the console is, if it has a domain of its own", ""
    )

    openai_api_key = secret_setting("OPENAI_API_KEY", "pays for the model")
    openai_base_url = text_setting(
        "OPENAI_BASE_URL", "is where the model's API is", "https://api.openai.com/v1"
    )
    model = text_setting("MODEL", "names the model that writes replies", "gpt-6.1-terra")
    small_model = text_setting("SMALL_MODEL", "names the quick model for what is asked beside", "gpt-6-luna")
    reasoning_effort = text_setting("REASONING_EFFORT", "says how much the model thinks first", "none")
    embedding_model = text_setting(
        "EMBEDDING_MODEL", "names the model that embeds messages", "text-embedding-3-small"
    )
    transcription_model = text_setting(
        "TRANSCRIPTION_MODEL", "names the model that writes down recordings", "gpt-transcribe"
    )

    prompt_tokens = count_setting(
        "PROMPT_TOKENS",
        "is how many tokens of history, files and what came along a prompt may have; less for a small model",
        40_000,
    )

    budget_room_tokens = count_setting("BUDGET_ROOM_TOKENS", "is how many tokens a room may take in a day", 0)
    budget_room_cost = dollars_setting("BUDGET_ROOM_COST", "is how many US dollars a room may cost in a day")
    budget_workspace_tokens = count_setting(
        "BUDGET_WORKSPACE_TOKENS", "is how many tokens a whole workspace may take in a day", 0
    )
    budget_workspace_cost = dollars_setting(
        "BUDGET_WORKSPACE_COST", "is how many US dollars a whole workspace may cost in a day"
    )
    model_prices = prices_setting(
        "MODEL_PRICES", "says what models cost, in US dollars for a million tokens in, cached and out"
    )

    weaviate_url = service_url_setting("WEAVIATE_URL", "is where the messages store is", "")
    weaviate_grpc_port = count_setting("WEAVIATE_GRPC_PORT", "is the messages store's gRPC port", 50051)
    weaviate_api_key = Setting("WEAVIATE_API_KEY", "opens the messages store", str, "", secret=True)
    messages_table = text_setting(
        "MESSAGES_TABLE", "names the DynamoDB table of messages, used without WEAVIATE_URL", ""
    )
    sqlite_path = text_setting(
        "SQLITE_PATH", "is the file of the embedded messages store, used without any other"
    )

    pinecone_api_key = secret_setting("PINECONE_API_KEY", "opens the coach's library and memories")
    pinecone_knowledge_host = service_host_setting(
        "PINECONE_KNOWLEDGE_HOST", "is the index of the coach's library", ""
    )
    pinecone_memories_host = service_host_setting(
        "PINECONE_MEMORIES_HOST", "is the index of what is known about people", ""
    )
    media_bucket = text_setting(
        "MEDIA_BUCKET", "is the S3 bucket of images; without it they are kept in a file of the process", ""
    )

    odoo_url = service_url_setting("ODOO_URL", "is where the company's Odoo is; without it there is none", "")
    odoo_database = text_setting(
        "ODOO_DATABASE", "names Odoo's database, where its address does not say which", ""
    )
    odoo_user = text_setting("ODOO_USER", "is the login that reads Odoo for people who have linked none", "")
    odoo_api_key = Setting("ODOO_API_KEY", "is the key of that login", str, "", secret=True)
    erp_readers = erp_readers_setting(
        "ERP_READERS",
        "names who may read Odoo with that login: workspaces, channels, domains, people; nobody",
    )
    odoo_api = odoo_api_setting("ODOO_API", "is json2 or jsonrpc, where that is not to be found out")

    recordings_table = text_setting(
        "RECORDINGS_TABLE", "names the DynamoDB table of recorded turns; without it none is recorded", ""
    )
    recordings_key = secret_setting("RECORDINGS_KEY", "encrypts recorded turns; 32 random characters or more")
    recordings_days = count_setting("RECORDINGS_DAYS", "is for how many days a recorded turn is kept", 14)

    secrets_overlap_hours = count_setting(
        "SECRETS_OVERLAP_HOURS", "is for how many hours a rotated secret's previous value is accepted", 24
    )
    person_messages_per_minute = count_setting(
        "PERSON_RATE", "is how many messages of one person are answered in a minute, on every channel", 20
    )
    person_kilobytes_per_minute = count_setting(
        "PERSON_KILOBYTES", "is how many kilobytes of one person's messages are taken in a minute", 512
    )
    web_streams_per_person = count_setting(
        "WEB_STREAMS", "is how many streams a person may have open at once on the web", 4
    )
    web_live_seconds = wait_setting(
        "WEB_LIVE_WAIT",
        "is how many seconds a page's look for what a member writes waits; 0 is a short poll",
        280,
    )

    secrets_id = text_setting("SECRETS_ID", "names the Secrets Manager document that holds the secrets", "")
    records_table = text_setting("RECORDS_TABLE", "names the DynamoDB table of inbox and records")
    turn_record_days = count_setting("TURN_RECORD_DAYS", "is how many days the record of a turn is kept", 14)
    function_version = text_setting(
        "AWS_LAMBDA_FUNCTION_VERSION", "is the function's version, which Lambda sets", ""
    )
    accounts_table = text_setting(
        "ACCOUNTS_TABLE", "names the DynamoDB table of people's own ERP accounts, which a turn alone reads"
    )
    wakes_queue_url = text_setting("WAKES_QUEUE_URL", "is the SQS queue that wakes chats")
    briefs_queue_url = text_setting("BRIEFS_QUEUE_URL", "is the SQS queue of briefs that are to be written")
    turn_function = text_setting(
        "TURN_FUNCTION",
        "is the turn's function, with its alias, which the webhook invokes beside the queue",
        "",
    )
    operator_job_function = text_setting(
        "OPERATOR_JOB_FUNCTION",
        "is the function, with its alias, that does what operators start in the console",
        "",
    )
    exports_bucket = text_setting(
        "EXPORTS_BUCKET", "is the S3 bucket in which what was exported of a person is kept for a day", ""
    )
    api_url = text_setting(
        "API_URL", "is where the platforms post to, with which the checks compare what they say", ""
    )
    reminders_queue_url = text_setting("REMINDERS_QUEUE_URL", "is the SQS queue that wakes reminders")
    desk_events_queue_url = text_setting(
        "DESK_EVENTS_QUEUE_URL", "is the SQS queue of desks' events that are to be sent"
    )
    desk_event_dead_letters_queue_url = text_setting(
        "DESK_EVENT_DEAD_LETTERS_QUEUE_URL", "is the SQS queue for events that no receiver has taken"
    )
    brief_emails_queue_url = text_setting(
        "BRIEF_EMAILS_QUEUE_URL", "is the SQS queue of e-mails that are to be sent"
    )
    email_from = text_setting(
        "EMAIL_FROM", "is who sends e-mails, as in Briefs <briefs@example.com>; without it there are none", ""
    )
    email_links_url = text_setting(
        "EMAIL_LINKS_URL", "is where the links in e-mails and briefs lead: the address of the webhook's API"
    )
    email_links_key = secret_setting(
        "EMAIL_LINKS_KEY", "signs the links in e-mails and briefs; 32 random characters"
    )
    brief_clicks = flag_setting(
        "BRIEF_CLICKS", "leads the links of briefs by its own address, so that a click counts as read", False
    )
    email_configuration_set = text_setting(
        "EMAIL_CONFIGURATION_SET", "is SES's configuration set, by which bounces and complaints are told", ""
    )
    email_unsubscribe_address = text_setting(
        "EMAIL_UNSUBSCRIBE_ADDRESS",
        "is who may be written to instead of following the link that ends e-mails",
        "",
    )
    dead_letters_queue_url = text_setting(
        "DEAD_LETTERS_QUEUE_URL", "is the SQS queue for messages that got no answer"
    )

    def __init__(self, environment: Mapping[str, str], secrets: SecretLookup = lambda name: "") -> None:
        self._environment = environment
        self._secrets = secrets

    def require(self, *settings: Setting[Any]) -> None:
        """Raises `SettingError` for the first of these that is missing or malformed."""
        for setting in settings:
            setting.__get__(self, type(self))

    def is_any_set(self, *settings: Setting[Any]) -> bool:
        """Whether any of these is set."""
        return any(self.look_up(setting) for setting in settings)

    def look_up(self, setting: Setting[Any]) -> str:
        """The setting as text, empty if nobody set it."""
        value = self._environment.get(setting.name, "").strip()
        return value or (self._secrets(setting.name) if setting.secret else "")
