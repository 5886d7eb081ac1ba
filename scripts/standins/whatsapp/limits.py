"""Limits of WhatsApp's Cloud API, from its reference of messages, media and throughput."""

from __future__ import annotations

MAX_TEXT_CHARS = 4_096
MAX_BODY_CHARS = 1_024
"""Of an interactive message's body."""
MAX_FOOTER_CHARS = 60
MAX_CAPTION_CHARS = 1_024
MAX_BUTTONS = 3
MAX_BUTTON_TITLE_CHARS = 20
MAX_BUTTON_ID_CHARS = 256
SERVICE_WINDOW_SECONDS = 24 * 3600.0
"""After a person's newest message, in which messages other than templates may be sent to them."""
TYPING_SECONDS = 25.0
"""After which a typing indicator disappears by itself."""
LINK_SECONDS = 300.0
"""In which a link to a medium is valid."""
MEDIA_SECONDS = 7 * 24 * 3600.0
"""For which a person's media are kept."""
PAIR_INTERVAL_SECONDS = 6.0
"""Between two messages to one person."""
MAX_BURST_MESSAGES = 45
"""Messages to one person that may be sent ahead of PAIR_INTERVAL_SECONDS."""
MAX_MESSAGES_PER_SECOND = 80
"""Messages of a business number to all people together."""

MEGABYTE_BYTES = 1024 * 1024
MAX_BYTES_BY_TYPE = {
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * MEGABYTE_BYTES),
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MEGABYTE_BYTES),
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * MEGABYTE_BYTES),
    "image/webp": MEGABYTE_BYTES // 2,
    **dict.fromkeys(
        (
            "application/msword",
            "application/pdf",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "text/plain",
        ),
        100 * MEGABYTE_BYTES,
    ),
}
"""Bytes that a file may have, by its media type."""
