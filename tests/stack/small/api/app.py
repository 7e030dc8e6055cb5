import json
import os
from typing import Any

import botocore.session
from botocore.exceptions import ClientError


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    seen = {
        "path": event["rawPath"],
        "who": event["requestContext"]["authorizer"]["lambda"]["who"],
        "greeting": os.environ["GREETING"],
        "listing": listing(),
    }
    return {"statusCode": 200, "body": json.dumps(seen)}


def listing() -> str:
    client: Any = botocore.session.get_session().create_client("s3")
    try:
        client.list_objects_v2(Bucket=os.environ["BUCKET"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "allowed"
