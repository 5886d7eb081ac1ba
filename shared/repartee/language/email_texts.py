"""The words of mails, and of the pages behind their links. The translations are in locales/*.po."""

from __future__ import annotations

from repartee.language.catalogue import Text

EMAIL_WHY = Text("You get your brief by e-mail as well, as you asked in your chat.")
EMAIL_NO_MORE = Text("No more e-mails")

EMAIL_CONFIRM_TITLE = Text("Is this your address?")
EMAIL_CONFIRM_BODY = Text(
    "Your brief was asked for by e-mail, to this address. Confirm it, and it comes from the next time on. "
    "The link is good for two days."
)
EMAIL_CONFIRM = Text("Yes, send my brief here")
EMAIL_CONFIRM_IGNORE = Text("If it was not you, do nothing: nothing more is sent to this address.")

EMAIL_PAGE_UNSUBSCRIBE = Text("Get no more briefs by e-mail? In your chat they come as before.")
EMAIL_PAGE_UNSUBSCRIBED = Text("No more briefs come by e-mail. In your chat they come as before.")
EMAIL_PAGE_CONFIRM = Text("Get your brief at this address too?")
EMAIL_PAGE_CONFIRMED = Text("Done. Your next brief comes by e-mail too.")
EMAIL_PAGE_INVALID = Text("This link is not valid any more. Ask for it again in your chat.")
BRIEF_LINK_OVER = Text("This link does not lead to its message any more. Look for it in the chat itself.")
EMAIL_PAGE_LATER = Text("This does not work just now. Please try again in a moment.")
