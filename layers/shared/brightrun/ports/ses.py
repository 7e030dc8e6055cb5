"""Mail through Amazon SES."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.errors import ProviderUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mail:
    """A client, and the verified address that mail comes from."""

    client: "SESV2Client"
    sender: str


def send_mail(mail: Mail, to: str, subject: str, text: str) -> None:
    """Send one plain letter.

    Raises:
        ProviderUnavailable: SES did not take it.
    """
    body = {"Text": {"Data": text, "Charset": "UTF-8"}}
    try:
        mail.client.send_email(
            FromEmailAddress=mail.sender,
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body}  # type: ignore[typeddict-item]
            },
        )
    except (ClientError, BotoCoreError) as error:
        # its words name our role and our account; who is told this is a user
        log.warning("mail was not taken: %s", error)
        raise ProviderUnavailable(f"mail was not taken ({_code_of(error)})") from error


def _code_of(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__
