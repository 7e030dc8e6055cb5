# ruff: noqa: N803 - AWS names its arguments so
"""An AWS account in this process as a deploying person's clients see it: what they ask, no more."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str, message: str = "refused") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


class UsernameExistsException(Exception):
    """As boto3 makes it, one for each client."""


@dataclass
class FakePool:
    """A user pool: its users with status, password, groups, and how often each was written to."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(UsernameExistsException=UsernameExistsException)
    )

    def admin_create_user(self, *, Username: str, **asked: Any) -> None:
        action = asked.get("MessageAction")
        if Username in self.users and action != "RESEND":
            raise UsernameExistsException
        user = self.users.setdefault(Username, {"groups": [], "mails": 0})
        user.update(status="FORCE_CHANGE_PASSWORD", password=asked.get("TemporaryPassword"))
        user["attributes"] = {a["Name"]: a["Value"] for a in asked["UserAttributes"]}
        user["mails"] += action != "SUPPRESS"

    def admin_get_user(self, *, Username: str, **_: Any) -> dict[str, Any]:
        return {"UserStatus": self.users[Username]["status"]}

    def admin_set_user_password(
        self, *, Username: str, Password: str, Permanent: bool, **_: Any
    ) -> None:
        status = "CONFIRMED" if Permanent else "FORCE_CHANGE_PASSWORD"
        self.users[Username].update(password=Password, status=status)

    def list_users(self, **_: Any) -> dict[str, Any]:
        return {"Users": list(self.users)}

    def list_users_in_group(self, **_: Any) -> dict[str, Any]:
        return {"Users": [name for name, user in self.users.items() if user["groups"]]}

    def admin_add_user_to_group(self, *, Username: str, GroupName: str, **_: Any) -> None:
        groups = self.users[Username]["groups"]
        groups[:] = sorted({*groups, GroupName})


@dataclass
class FakeAccount:
    """Stacks with their outputs, and other clients by service; a call may be refused by name."""

    stacks: dict[str, dict[str, str]] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)
    regions: list[str | None] = field(default_factory=list)

    def connect(self, service: str, region: str | None) -> Any:
        self.regions.append(region)
        if service == "cloudformation":
            meta = SimpleNamespace(region_name=region or "us-east-1")
            return SimpleNamespace(describe_stacks=self._describe_stacks, meta=meta)
        return self.clients[service]

    def _describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        if StackName not in self.stacks:
            raise refused("ValidationError", f"Stack with id {StackName} does not exist")
        outputs = self.stacks[StackName].items()
        shown = [{"OutputKey": key, "OutputValue": value} for key, value in outputs]
        given = self.parameters.items()
        asked = [{"ParameterKey": key, "ParameterValue": value} for key, value in given]
        status = "UPDATE_COMPLETE"
        return {"Stacks": [{"StackStatus": status, "Outputs": shown, "Parameters": asked}]}
