"""Contents of a message that are no words, put into words: places, contacts, stickers, polls, films."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repartee.channels.telegram.content_payloads import (
    TelegramChecklist,
    TelegramContact,
    TelegramContent,
    TelegramLocation,
    TelegramPoll,
    TelegramVenue,
    TelegramVideo,
)


def _split_names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SERVICE_FIELDS = _split_names(
    """
    new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo
    group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message
    successful_payment refunded_payment users_shared chat_shared connected_website
    write_access_allowed passport_data proximity_alert_triggered boost_added chat_background_set
    forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened
    general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway_completed
    video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited
    web_app_data checklist_tasks_done checklist_tasks_added direct_message_price_changed
    paid_message_price_changed suggested_post_approved suggested_post_approval_failed
    suggested_post_declined suggested_post_paid suggested_post_refunded chat_owner_left
    chat_owner_changed managed_bot_created poll_option_added poll_option_deleted
    community_chat_added community_chat_removed gift unique_gift
    """
)
"""Fields of service messages, which tell what happened in a chat and say nothing."""

ENVELOPE_FIELDS = frozenset(TelegramContent.__struct_fields__) | _split_names(
    """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count
    sender_business_bot sender_tag receiver_user ephemeral_message_id date guest_query_id
    business_connection_id chat forward_origin forward_from forward_from_chat
    forward_from_message_id forward_signature forward_sender_name forward_date is_topic_message
    is_automatic_forward reply_to_message external_reply quote reply_to_story
    reply_to_checklist_task_id reply_to_poll_option_id via_bot guest_bot_caller_user
    guest_bot_caller_chat edit_date has_protected_content is_from_offline is_paid_post
    media_group_id author_signature paid_star_count entities link_preview_options
    suggested_post_info effect_id caption_entities show_caption_above_media has_media_spoiler
    reply_markup
    """
)
"""Fields that say where a message comes from and how it is shown, and those of contents that are read."""

UNSEEN_CONTENT = {
    "game": "a game",
    "giveaway": "a giveaway",
    "giveaway_winners": "the winners of a giveaway",
    "invoice": "an invoice",
    "live_photo": "a live photo",
    "paid_media": "paid media",
    "story": "a story",
}
"""Contents that are known and cannot be looked at, by their fields."""


def describe_content(content: TelegramContent) -> str:
    """Returns a description of what a message holds besides words and files that are read, one line each.
    Empty for nothing."""
    return "\n".join(_describe_parts(content))


def describe_unknown(field_names: Iterable[str]) -> str:
    """The contents that stand in fields that are not read, also in such that Telegram will add. Empty for
    service messages and for none."""
    names = set(field_names)
    known = [
        f"[{UNSEEN_CONTENT[name]}, which cannot be seen here]" for name in UNSEEN_CONTENT if name in names
    ]
    others = sorted(names - ENVELOPE_FIELDS - SERVICE_FIELDS - UNSEEN_CONTENT.keys())
    return "\n".join(known or [f"[a {name.replace('_', ' ')}, which cannot be seen here]" for name in others])


def is_service_message(field_names: Iterable[str]) -> bool:
    """Whether a message with these fields tells what happened in a chat."""
    return not SERVICE_FIELDS.isdisjoint(field_names)


def _describe_parts(content: TelegramContent) -> Iterator[str]:
    if content.sticker:
        yield f"[sticker {content.sticker.emoji}]" if content.sticker.emoji else "[sticker]"
    yield from _describe_films(content)
    if content.venue:
        yield _describe_venue(content.venue)
    elif content.location:
        yield f"[location {_coordinates(content.location)}]"
    if content.contact:
        yield _describe_contact(content.contact)
    if content.poll:
        yield _describe_poll(content.poll)
    if content.checklist:
        yield _describe_checklist(content.checklist)
    if content.dice:
        yield f"[dice {content.dice.emoji}: {content.dice.value}]"


def _describe_films(content: TelegramContent) -> Iterator[str]:
    films = (
        ("video", content.video),
        ("video note", content.video_note),
        ("animation", content.animation),
    )
    for kind, film in films:
        if film:
            yield _describe_film(kind, film)


def _describe_film(kind: str, film: TelegramVideo) -> str:
    named = f' "{film.file_name}"' if film.file_name and kind == "video" else ""
    length = f" of {film.duration} s" if film.duration else ""
    return f"[{kind}{named}{length}, which cannot be watched here]"


def _describe_venue(venue: TelegramVenue) -> str:
    named = ", ".join(filter(None, (venue.title, venue.address)))
    return f"[location {_coordinates(venue.location)}{': ' if named else ''}{named}]"


def _coordinates(place: TelegramLocation) -> str:
    return f"{place.latitude:.6g}, {place.longitude:.6g}"


def _describe_contact(contact: TelegramContact) -> str:
    name = " ".join(filter(None, (contact.first_name, contact.last_name)))
    return f"[contact {', '.join(filter(None, (name, contact.phone_number)))}]"


def _describe_poll(poll: TelegramPoll) -> str:
    kind = "quiz" if poll.type == "quiz" else "poll"
    return f"[{kind}: {poll.question} {' / '.join(option.text for option in poll.options)}]"


def _describe_checklist(checklist: TelegramChecklist) -> str:
    tasks = (f"{'☑' if task.completion_date else '☐'} {task.text}" for task in checklist.tasks)
    return "\n".join((f"[checklist: {checklist.title}]", *tasks))
