"""What AWS says of our role and account stays in the log; its owner hears what happened."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.errors import ProviderUnavailable
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.table import find
from brightrun.ports.ses import Mail, send_mail
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from functions.validate_dataset.validate import note_failure
from tests.support.factories import ADA, DATASET_ID, NOON, a_dataset

SECRET = "arn:aws:sts::123456789012:assumed-role/brightrun"  # pragma: allowlist secret
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": SECRET}}, "SendEmail")


class Refusing:
    """A client of SES that names our role."""

    def send_email(self, **_: Any) -> None:
        raise DENIED


def test_a_mail_that_was_not_taken_is_told_by_its_code() -> None:
    mail: Any = Mail(Refusing(), "from@example.org")  # type: ignore[arg-type]

    with pytest.raises(ProviderUnavailable) as told:
        send_mail(mail, "to@example.org", "subject", "text")

    assert str(told.value) == "mail was not taken (AccessDenied)"


def test_a_file_that_could_not_be_read_is_told_in_our_words(deps: Deps) -> None:
    waiting = a_dataset(
        status=DatasetStatus.VALIDATING, verdict=None, tries=3,
        work=work_of(Work.VALIDATE, DATASET_ID), due_at=NOON,
    )  # fmt: skip
    create_dataset(deps.table, waiting)
    note_failure(deps, waiting, DENIED)

    found = find(deps.table, keys.dataset(ADA, DATASET_ID), Dataset)

    assert found is not None
    assert SECRET not in (found.error_message or SECRET)
    assert "storage could not be read" in (found.error_message or "")


def test_a_second_factor_can_be_switched_on_and_an_address_is_proven(
    template: dict[str, Any],
) -> None:
    pool = template["Resources"]["UserPool"]["Properties"]
    client = template["Resources"]["UserPoolClient"]["Properties"]

    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])
    proven = pool["UserAttributeUpdateSettings"]["AttributesRequireVerificationBeforeUpdate"]
    assert proven == ["email"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_a_stolen_token_opens_for_an_hour_and_fetches_others_for_thirty_days(
    template: dict[str, Any],
) -> None:
    client = template["Resources"]["UserPoolClient"]["Properties"]

    units = {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"}
    assert client["TokenValidityUnits"] == units
    assert (client["AccessTokenValidity"], client["IdTokenValidity"]) == (60, 60)
    assert (client["RefreshTokenValidity"], client["EnableTokenRevocation"]) == (30, True)
