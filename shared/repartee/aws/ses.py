"""Sends mails by Amazon SES, as raw MIME.

SES signs them with the keys of the identity (Easy DKIM), headers of the list included; `docs/briefs.md` says
what is to be set up.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any

from repartee.aws.calls import translate_errors
from repartee.domain.email import MailMessage
from repartee.errors import InvalidArgument, Unavailable

BACKEND_NAME = "ses"

UNSUBSCRIBE_HEADER = "List-Unsubscribe"

REFERENCE_TAG = "reference"
"""The message tag that comes back in the events of a mail."""

MAX_SUBJECT_CHARS = 200


class MailPolicy(EmailPolicy):
    """How mails are written: every body in quoted-printable, so that no mail server on the way changes a
    byte that DKIM covers, and the addresses of `List-Unsubscribe` on lines of their own. The standard library
    would make encoded words of addresses that are longer than a line, which no mail client reads."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() == UNSUBSCRIBE_HEADER.lower():
            return f"{name}: {str(value).replace(', ', f',{self.linesep} ')}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() == UNSUBSCRIBE_HEADER.lower():
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


MAIL_POLICY = MailPolicy(linesep="\r\n", cte_type="7bit")


class SesSender:
    """`ports.MailSender` on the API's version 2. `sender` is a mail address, with a name or without one;
    `unsubscribe_address` takes what people write who want no more, where there is one."""

    def __init__(
        self, client: Any, sender: str, configuration_set: str = "", unsubscribe_address: str = ""
    ) -> None:
        self._client, self._sender = client, sender
        self._configuration_set, self._unsubscribe_address = configuration_set, unsubscribe_address

    def send(self, mail: MailMessage) -> str:
        """Hands the mail over, and returns SES's id of it.

        A mail that SES does not take because of its own address is refused for good; whatever else it
        refuses (an identity that is not verified, a paused account) may be mended, so it is tried again.
        """
        raw = build_message(mail, self._sender, self._unsubscribe_address).as_bytes()
        options: dict[str, Any] = {}
        if self._configuration_set:
            options["ConfigurationSetName"] = self._configuration_set
        if mail.reference:
            options["EmailTags"] = [{"Name": REFERENCE_TAG, "Value": mail.reference}]
        try:
            with translate_errors(BACKEND_NAME):
                answer = self._client.send_email(
                    Destination={"ToAddresses": [mail.to]}, Content={"Raw": {"Data": raw}}, **options
                )
        except InvalidArgument as refusal:
            if refusal.problem == "BadRequestException":
                raise
            raise Unavailable(BACKEND_NAME, refusal.problem) from refusal
        return str(answer["MessageId"])


def build_message(mail: MailMessage, sender: str, unsubscribe_address: str = "") -> EmailMessage:
    """Returns the mail as MIME: the plain text, and the page for clients that show one.

    Line breaks in what others wrote (a subject) cannot begin a header: the policy refuses them, so they are
    taken out.
    """
    message = EmailMessage(policy=MAIL_POLICY)
    name, address = parseaddr(sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())[:MAX_SUBJECT_CHARS]
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:
        ways = [f"<{mail.unsubscribe_url}>"]
        if unsubscribe_address:
            ways.append(f"<mailto:{unsubscribe_address}?subject={mail.unsubscribe_subject}>")
        message[UNSUBSCRIBE_HEADER] = ", ".join(ways)
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    if mail.language:
        message["Content-Language"] = mail.language
    return message
