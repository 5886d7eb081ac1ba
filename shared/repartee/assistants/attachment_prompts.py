"""How what was posted stands in the prompt: what a person said is theirs; what a file says is quoted data.

Every line of a file begins with a mark that nothing in it can take away, so that no text in it can end the
quotation and speak for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from repartee.assistants.attachments import AttachmentContent, attachment_key, prompt_name
from repartee.assistants.context_parts import all_attachments
from repartee.assistants.quotations import (
    NO_OWN_WORDS_PROMPT,
    QUOTED_TEXT_IS_DATA_PROMPT,
    quote_lines,
    quote_part,
)
from repartee.domain.message import Attachment, Message
from repartee.domain.prompt import PromptMessage

ATTACHMENT_KIND_LABELS = {"audio": "Recording", "image": "Picture", "file": "File", "video": "Film"}

FILM_NOT_READ_TEXT = "films cannot be looked at here: describe it, or send a picture of it"

READ_TIMED_OUT_TEXT = "it took too long: send it again, or a smaller one"


def apply_transcripts(
    incoming: Sequence[Message], transcripts: Iterable[AttachmentContent]
) -> tuple[Message, ...]:
    """The messages as they are to be understood and remembered: with the names of what came along, and where
    one is nothing but a recording, with what is said in it. That is what the person asks; a recording beside
    words is something that they show."""
    read = {one.attachment_key: one for one in transcripts}
    return tuple(
        msgspec.structs.replace(message, text=_message_text(message, read))
        if message.attachments
        else message
        for message in incoming
    )


def build_prompt_lines(
    incoming: Sequence[Message], *contents: Iterable[AttachmentContent]
) -> tuple[PromptMessage, ...]:
    """Returns the newest messages as the prompt's lines, with all that came along, one line a message. Give
    it all that was read, of whichever kind; content that is missing there is said to have taken too long."""
    found = {one.attachment_key: one for some in contents for one in some}
    return tuple(_prompt_line(message, found) for message in incoming)


def build_earlier_image_lines(earlier_images: Iterable[AttachmentContent]) -> tuple[PromptMessage, ...]:
    """The pictures from before that are spoken of, to go ahead of what is asked."""
    return tuple(_earlier_image_line(one) for one in earlier_images)


def join_own_words(incoming: Sequence[Message], transcripts: Iterable[AttachmentContent]) -> str:
    """Returns the senders' own words, typed or spoken, without the names of what they show."""
    read = {one.attachment_key: one for one in transcripts}
    return "\n".join(
        filter(None, (message.text.strip() or spoken_text(message, read) for message in incoming))
    )


def collect_texts(*contents: Iterable[AttachmentContent]) -> tuple[str, ...]:
    """All texts that were read, for the steps that need them beside the prompt."""
    return tuple(one.text for some in contents for one in some if one.text)


def _earlier_image_line(content: AttachmentContent) -> PromptMessage:
    if content.image_url:
        return PromptMessage(
            "user", f"[Picture that was shown earlier: {content.name}]", (content.image_url,)
        )
    return PromptMessage(
        "user", f"[Picture that was shown earlier: {content.name}. It is missing, because {content.problem}.]"
    )


def _prompt_line(message: Message, contents: Mapping[str, AttachmentContent]) -> PromptMessage:
    parts = [*_context_texts(message, contents), *_own_texts(message, contents)]
    read = [contents.get(attachment_key(message, one)) for one in all_attachments(message)]
    images = [url for one in read if one for url in (one.image_url, *one.pages) if url]
    return PromptMessage("user", "\n\n".join(parts), tuple(images))


def _context_texts(message: Message, contents: Mapping[str, AttachmentContent]) -> Iterator[str]:
    """Yields the texts that came along, each part under its heading."""
    for part in message.context:
        files = (_describe_attachment(one, _content_of(message, one, contents)) for one in part.attachments)
        yield "\n".join(quote_part(part, message, chain.from_iterable(files)))


def _own_texts(message: Message, contents: Mapping[str, AttachmentContent]) -> Iterator[str]:
    """Yields the sender's own text, then the attachments that they show."""
    spoken = spoken_text(message, contents)
    if spoken:
        yield f"(voice message) {spoken}"
    elif message.text:
        yield message.text
    elif message.context and not message.attachments:
        yield NO_OWN_WORDS_PROMPT
    for attachment in message.attachments:
        read = _content_of(message, attachment, contents)
        if not (spoken and attachment.kind == "audio" and read.text):
            yield "\n".join(_describe_attachment(attachment, read))


def _message_text(message: Message, contents: Mapping[str, AttachmentContent]) -> str:
    spoken = spoken_text(message, contents)
    silent = (one for one in message.attachments if not (spoken and one.kind == "audio"))
    names = (f"[{ATTACHMENT_KIND_LABELS[one.kind]}: {prompt_name(one)}]" for one in silent)
    return "\n".join(part for part in (spoken or message.text, *names) if part)


def _describe_attachment(attachment: Attachment, content: AttachmentContent) -> Iterator[str]:
    kind = ATTACHMENT_KIND_LABELS[attachment.kind]
    if content.problem:
        yield f"[{kind} {content.name} could not be read, because {content.problem}. Say so in your answer.]"
    elif content.image_url:
        yield f"[{kind}: {content.name}]"
    else:
        about = f", {content.description}" if content.description else ""
        yield f"[{kind}: {content.name}{about}. {QUOTED_TEXT_IS_DATA_PROMPT}]"
        yield from quote_lines(content.text)


def spoken_text(message: Message, contents: Mapping[str, AttachmentContent]) -> str:
    """Returns the text of a spoken message: the words said instead of written."""
    if message.text.strip():
        return ""
    recordings = [
        contents.get(attachment_key(message, one)) for one in message.attachments if one.kind == "audio"
    ]
    return "\n".join(read.text for read in recordings if read and read.text)


def _content_of(
    message: Message, attachment: Attachment, contents: Mapping[str, AttachmentContent]
) -> AttachmentContent:
    """Returns the content of the attachment. Films are read by nobody; other content that is missing took too
    long."""
    key = attachment_key(message, attachment)
    problem = FILM_NOT_READ_TEXT if attachment.kind == "video" else READ_TIMED_OUT_TEXT
    return contents.get(key) or AttachmentContent(
        attachment_key=key, name=prompt_name(attachment), problem=problem
    )
