"""Everything that the product itself says to people, once, in English. The translations are in locales/*.po.

What is told to the model is not here: prompts stay English. Placeholders in braces are filled by `translate`.
"""

from __future__ import annotations

from repartee.language.catalogue import PluralText, Text

APOLOGY = Text("Sorry, I could not answer this. Please ask me again in a moment.")
CUT_SHORT = Text("My answer broke off here. Please ask me again.")
DELAYED = Text("This takes longer than usual. I will answer as soon as I can.")
MUTED_MEANWHILE = Text("I was muted.")
STOPPED = Text("Stopped.")

MUTED = Text("I will be quiet here. Say {command} to me when you want me back.")
MUTED_UNTIL = Text(
    "I will be quiet here until {when}. Say {command} to me when you want me back before that."
)
UNMUTED = Text("I am back.")

ANSWERS_MENTIONS = Text("From now on I answer here who mentions me, and nobody else.")
ANSWERS_THREAD = Text("From now on I answer here who mentions me, and what is said to me in my threads.")
ANSWERS_ALL = Text("From now on I answer here everything that is not said to another person.")

NOTHING_TO_DECIDE = Text("There is nothing to decide here any more.")
ROOM_BUDGET_SPENT = Text(
    "I have used up what I may spend in this conversation today. I am back at midnight UTC."
)
WORKSPACE_BUDGET_SPENT = Text(
    "I have used up what I may spend in this workspace today. I am back at midnight UTC."
)

ROOM_RECORDED = Text(
    "From now on my work in this room is recorded, encrypted and with contact details hidden, to make my "
    "answers better. It is deleted after a few weeks."
)

OVER_PERSON_LIMIT = Text(
    "You write faster than I may answer. I do not answer this message, nor what you write within the next "
    "minute: please send it again after that."
)

LEFT_AS_IT_IS = Text("All right, I leave it as it is.")
OUTCOME_UNCERTAIN = Text(
    "I was interrupted while I did this, and I cannot tell whether it was done. Please look: {link}"
)
ACTION_UNKNOWN = Text("I cannot do this any more. Nothing was changed.")
ACTION_FAILED = Text("This could not be done, and nothing was changed: {reason}")

APPROVE = Text("Approve")
DECLINE = Text("Decline")
APPROVED = Text("Approved")
DECLINED = Text("Declined")
EXPIRED = Text("Expired")
STOP = Text("Stop")

PROPOSAL_TOO_LATE = PluralText(
    "This is no longer valid: it was good for {count} minute. Nothing was changed. Ask me again.",
    "This is no longer valid: it was good for {count} minutes. Nothing was changed. Ask me again.",
)
PROPOSAL_DECIDED = Text("This was decided already. Nothing more was changed.")
PROPOSAL_OF_ANOTHER = Text("Only the person who asked for this may decide on it. Nothing was changed.")
PROPOSAL_UNKNOWN = Text("I do not know this proposal any more. Nothing was changed. Ask me again.")
PROPOSAL_TERMS = PluralText(
    "Only the person who asked may decide, within {count} minute.",
    "Only the person who asked may decide, within {count} minutes.",
)
PROPOSAL_VALID_FOR = PluralText("Good for {count} minute.", "Good for {count} minutes.")
SHALL_I_DO_THIS = Text("Shall I do this?")

SLACK_HELP = Text("""\
`/repartee mute` keeps me quiet here until `/repartee unmute`
`/repartee mute for 2 hours` does so for a while (m, h, d, w)
`/repartee unmute` lets me speak again
`/repartee help` shows this

Mention me in a channel, or write to me directly. Say `stop` in a thread and I stop.""")
COMMAND_UNKNOWN = Text("I do not know that command. This is what I know:")
SLACK_ANSWERS_HELP = Text(
    "`/repartee answers mentions`, `/repartee answers thread` or `/repartee answers all` says what I answer here: those who mention me, also what is said in my threads, or everything"
)

SLACK_NOTICES_HELP = Text(
    "`/repartee brief …` orders a daily brief, `/repartee remind …` a reminder, in your own words; I answer in our direct conversation"
)

SLACK_ANSWERED_DIRECTLY = Text("I answer you in our direct conversation.")

TELEGRAM_HELP = Text("""\
Write to me, or send a voice message, a photo or a document, and I answer.
In a group, mention me or reply to me.

/mute: I am quiet here; /mute 2h: for two hours (also 30m, 1d, 1w)
/unmute: I speak again
/stop: I end what I am writing
/help: this""")
GREETING = Text("Hello!")

THINKING = Text("is thinking…")
TYPING = Text("is typing…")
LOOKING_INTO_ODOO = Text("is looking into Odoo…")
PREPARING = Text("is preparing…")
ANSWER_HELPED = Text("This answer helped")
ANSWER_DID_NOT_HELP = Text("This answer did not help")

YOU_COULD_ASK = Text("You could ask")
SUGGEST_ABILITIES = Text("What can you do?")
SUGGEST_ABILITIES_QUESTION = Text("What can you help me with?")
SUGGEST_CATCH_UP = Text("Catch me up")
SUGGEST_CATCH_UP_QUESTION = Text("What did we talk about last week?")
SUGGEST_FIND = Text("Find it again")
SUGGEST_FIND_QUESTION = Text("What did we decide about …?")

NO_ANSWER = Text("There is no answer to this. Please ask again.")

WORKOUT_NOT_SAVED = Text("I could not save your workout just now. Please tell me again in a moment.")
MEMORY_NOT_SAVED = Text("I could not note what you told me about yourself. Please tell me again in a moment.")
MEMORY_NOT_DELETED = Text("I could not forget it just now. Please ask me again in a moment.")
IMAGE_NOT_SAVED = Text("I could not keep the picture: show it again if you ask about it later.")

ERP_CREATE = Text("**Create** in Odoo ({kind}):")
ERP_CHANGE = Text("**Change** {record} ({kind}):")
ERP_NOTE = Text("**Write a note** on {record}:")
ERP_CREATED = Text("Done: {record} was created.")
ERP_CHANGED = Text("Done: {record} was changed.")
ERP_NOTED = Text("Done: the note is on {record}.")
ERP_LOOK_FOR_NEW = Text("whether there is a new “{name}”.")
ERP_LOOK_AT = Text("{name} in Odoo.")
ERP_RECORD_CHANGED = Text("the record has been changed meanwhile ({fields}). Ask me again.")

DATE = Text("{weekday}, {day} {month}, {time} ({zone})")
WEEKDAYS = (
    Text("Monday"),
    Text("Tuesday"),
    Text("Wednesday"),
    Text("Thursday"),
    Text("Friday"),
    Text("Saturday"),
    Text("Sunday"),
)
MONTHS = (
    Text("January"),
    Text("February"),
    Text("March"),
    Text("April"),
    Text("May"),
    Text("June"),
    Text("July"),
    Text("August"),
    Text("September"),
    Text("October"),
    Text("November"),
    Text("December"),
)

BRIEF_HEADING = Text("Your brief for {weekday}, {day} {month}")
BRIEF_NOTHING_NEW = Text("Nothing new since the last one.")
BRIEF_QUIET = Text("Nothing new: {projects}")
BRIEF_MISSING = Text("I could not read this today: {sources}")
BRIEF_OVER_BUDGET = Text(
    "I have used up what I may spend here today, so this is only the newest, as it was said."
)
BRIEF_ASKS_TO_STOP = Text(
    "You have not read my last briefs. Shall I stop them? Say /brief stop; any answer from you keeps them."
)
BRIEF_ORDERED_FOR_YOU = Text(
    "Your workspace has ordered a daily brief for you: {projects}, at {time} ({timezone}). Tell me to change it or to stop it whenever you like."
)
REMINDER = Text("Reminder: {what}")
REMINDER_FROM = Text("Reminder from {who}: {what}")
