"""Limits of Slack's Web API, from its method reference; MAX_STREAM_SECONDS was measured by others."""

from __future__ import annotations

MAX_MARKDOWN_CHARS = 12_000
"""Of `markdown_text`, and of all markdown blocks of a message together."""
MAX_POST_CHARS = 40_000
"""Of the `text` of chat.postMessage."""
MAX_UPDATE_CHARS = 4_000
"""Of the `text` of chat.update."""
MAX_METADATA_CHARS = 8_000
MAX_BLOCKS = 50
MAX_TITLE_CHARS = 200
MAX_PROMPTS = 4
MAX_LOADING_MESSAGES = 10
MAX_TASK_TITLE_CHARS = 256
MAX_ALT_TEXT_CHARS = 1_000
MAX_STREAM_SECONDS = 306.0
"""After which Slack ends a stream, however busy it is."""
STATUS_SECONDS = 120.0
"""After which a status disappears by itself."""
