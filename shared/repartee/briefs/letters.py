"""The mails: a brief that was written, and the question whether an address is the person's own."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from repartee.briefs.composing import format_heading
from repartee.domain.email import EmailContact, Letter, MailMessage, make_reference
from repartee.language import email_texts
from repartee.language.catalogue import translate
from repartee.ports.emails import MailRenderer
from repartee.privacy.signed_tokens import TokenSigner

UNSUBSCRIBE_PURPOSE = "unsubscribe"
CONFIRM_PURPOSE = "confirm"

UNSUBSCRIBE_PATH = "/email/unsubscribe"
CONFIRM_PATH = "/email/confirm"


class LetterWriter:
    """Writes mails. `links_url` is where the functions are reached from outside; links are signed by what
    `signer` returns, which follows a rotated key."""

    def __init__(self, renderer: MailRenderer, signer: Callable[[], TokenSigner], links_url: str) -> None:
        self._renderer, self._signer, self._links_url = renderer, signer, links_url.rstrip("/")

    def write_brief(
        self, contact: EmailContact, run_id: str, day: str, text: str, language: str
    ) -> MailMessage:
        """Returns the mail of a brief. Its first line is the subject."""
        heading = format_heading(day, language)
        token = self._signer().sign(UNSUBSCRIBE_PURPOSE, contact.person, contact.nonce, language)
        url = self._make_link(UNSUBSCRIBE_PATH, token)
        letter = Letter(
            title=heading.strip("*"),
            body=text.removeprefix(heading).lstrip("\n"),
            language=language,
            footer=translate(email_texts.EMAIL_WHY, language),
            footer_link=translate(email_texts.EMAIL_NO_MORE, language),
            footer_url=url,
        )
        return self._make_mail(contact.address, letter, contact, run_id, url, token)

    def write_confirmation(self, contact: EmailContact, run_id: str) -> MailMessage:
        """Returns the mail that asks whether the address is the person's. It holds nothing that anybody
        wrote, as its reader may be a stranger."""
        language = contact.language
        token = self._signer().sign(
            CONFIRM_PURPOSE, contact.person, contact.pending_nonce, language, until=contact.pending_until
        )
        letter = Letter(
            title=translate(email_texts.EMAIL_CONFIRM_TITLE, language),
            body=translate(email_texts.EMAIL_CONFIRM_BODY, language),
            language=language,
            button=translate(email_texts.EMAIL_CONFIRM, language),
            button_url=self._make_link(CONFIRM_PATH, token),
            footer=translate(email_texts.EMAIL_CONFIRM_IGNORE, language),
        )
        return self._make_mail(contact.pending_address, letter, contact, run_id)

    def _make_link(self, path: str, token: str) -> str:
        return f"{self._links_url}{path}?token={token}"

    def _make_mail(
        self,
        to: str,
        letter: Letter,
        contact: EmailContact,
        run_id: str,
        unsubscribe_url: str = "",
        token: str = "",
    ) -> MailMessage:
        nonce = contact.nonce if unsubscribe_url else contact.pending_nonce
        return MailMessage(
            to=to,
            subject=letter.title,
            text=self._renderer.render_text(letter),
            html=self._renderer.render_html(letter),
            language=letter.language,
            unsubscribe_url=unsubscribe_url,
            unsubscribe_subject=quote(f"unsubscribe {token}") if token else "",
            reference=make_reference(contact.person, nonce, run_id),
        )
