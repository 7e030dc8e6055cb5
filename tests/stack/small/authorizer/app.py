from typing import Any


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    given = event["headers"].get("authorization", "nobody")
    return {"isAuthorized": True, "context": {"who": given}}
