"""Limits of Telegram's Bot API, from its reference and FAQ. MAX_CHAT_BURST is an assumption."""

from __future__ import annotations

MAX_CLASSIC_MESSAGE_CHARS = 4_096
"""Of a message's text after its entities were parsed."""
MAX_RICH_CHARS = 32_768
MAX_CAPTION_CHARS = 1_024
MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_FILE_BYTES = 20 * 1024 * 1024
"""Of a file that a bot downloads."""
MAX_PHOTO_SIDES_PIXELS = 10_000
"""Of a photo's width and height together."""
MAX_PHOTO_ASPECT_RATIO = 20
DRAFT_SECONDS = 30.0
"""After which a draft disappears by itself."""
TYPING_SECONDS = 5.0
"""After which a chat action disappears by itself."""
MAX_CHAT_BURST = 4
"""Messages at once in a chat; then one a second."""
MAX_GROUP_MESSAGES_PER_MINUTE = 20
MAX_BOT_MESSAGES_PER_SECOND = 30
"""Messages of the bot to all chats together."""

EPHEMERAL_ANSWER_SECONDS = 15.0
"""Seconds in which an ephemeral message may be answered."""
