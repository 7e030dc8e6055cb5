import os
from typing import Any

import botocore.session


def lambda_handler(event: dict[str, Any], context: object) -> None:
    client: Any = botocore.session.get_session().create_client("dynamodb")
    item = {"pk": {"S": event["detail"]["object"]["key"]}}
    client.put_item(TableName=os.environ["TABLE"], Item=item)
