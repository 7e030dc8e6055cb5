"""People of a running stack: in its user pool, with an API key each; and its table, as it lies."""

import secrets
from typing import Any

import boto3
import httpx

from brightrun.ports.dynamodb.table import Table
from local.deploy import ENGINE_KEY, Aws
from local.seed import signed_in
from local.settings import REGION
from local.stack import Stack
from tests.support.stack.ports import eventually


def new_user(running: Stack, name: str, *groups: str) -> str:
    """Make a user of the pool who may sign in, and return an access token of theirs."""
    cognito = Aws(running.settings.aws_url).client("cognito-idp")
    pool, email = running.outputs["UserPoolId"], f"{name}@brightrun.test"
    password = f"Aa1-{secrets.token_urlsafe(18)}"
    facts = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(
        UserPoolId=pool, Username=email, UserAttributes=facts, MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=email, Password=password, Permanent=True
    )
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
    return signed_in(Aws(running.settings.aws_url), running.outputs, email, password)


def new_key(running: Stack, token: str, **order: Any) -> str:
    """Make an API key of whoever has this token.

    Asked again while a busy machine does not give the authorizer its pool's keys in time.
    """

    def answered() -> httpx.Response | None:
        answer = httpx.post(
            f"{running.settings.front_url}/api/api-keys",
            json={"name": "a key", **order},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        return None if "identity provider unavailable" in answer.text else answer

    answer = eventually(answered, within_seconds=120)
    secret: str = answer.raise_for_status().json()["data"]["secret"]
    return secret


def table_of(running: Stack) -> Table:
    """Return the deployed table itself."""
    resource = boto3.resource(
        "dynamodb",
        endpoint_url=running.settings.aws_url,
        region_name=REGION,
        aws_access_key_id=ENGINE_KEY,
        aws_secret_access_key=ENGINE_KEY,
    )
    return Table(resource.meta.client, running.outputs["TableName"])


def items_of(table: Table, partition: str) -> list[dict[str, Any]]:
    """Return everything of one partition, as it is stored."""
    pages = table.client.get_paginator("query").paginate(
        TableName=table.name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": partition},
        ConsistentRead=True,
    )
    return [item for page in pages for item in page["Items"]]
