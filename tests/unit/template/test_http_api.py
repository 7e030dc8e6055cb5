"""The HTTP API as SAM makes it: who is asked, what a browser may do, how fast."""

import json
import re

from tests.support.deployment.template import Template, properties


def test_the_authorizer_is_asked_for_every_request_also_without_a_token(
    deployed: Template,
) -> None:
    body = properties(deployed, "HttpApi")["Body"]
    schemes = body["components"]["securitySchemes"]
    asked = schemes["Identify"]["x-amazon-apigateway-authorizer"]
    routes = [method for path in body["paths"].values() for method in path.values()]

    assert asked["authorizerPayloadFormatVersion"] == "2.0"
    assert asked["enableSimpleResponses"] is True
    assert asked["authorizerResultTtlInSeconds"] == 0
    assert not asked.get("identitySource")
    assert len(routes) == 7
    assert all(route["security"] == [{"Identify": []}] for route in routes)


def test_preflights_are_answered_by_the_api_and_not_by_a_route(deployed: Template) -> None:
    body = properties(deployed, "HttpApi")["Body"]
    methods = {method for path in body["paths"].values() for method in path}

    assert methods == {"get", "post", "put", "patch", "delete"}


def test_cors_survives_the_transformation(deployed: Template) -> None:
    """Given a function instead of a list of origins, SAM drops all the rest of CORS."""
    cors = properties(deployed, "HttpApi")["Body"]["x-amazon-apigateway-cors"]

    assert cors["allowOrigins"] == ["*"]
    assert {"authorization", "content-type", "idempotency-key"} <= set(cors["allowHeaders"])
    assert "apigw-requestid" in cors["exposeHeaders"]  # the one that an HTTP API sends
    assert not cors.get("allowCredentials")


def test_workers_and_people_are_throttled_apart(deployed: Template) -> None:
    stage = properties(deployed, "HttpApiApiGatewayDefaultStage")
    workers = stage["RouteSettings"]["POST /worker/{proxy+}"]
    paths = properties(deployed, "HttpApi")["Body"]["paths"]

    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ThrottleRate"}
    assert workers["ThrottlingRateLimit"] == {"Ref": "WorkerThrottleRate"}
    assert paths["/worker/{proxy+}"].keys() == {"post"}


def test_access_logs_are_json_also_where_something_failed(deployed: Template) -> None:
    """`messageString` comes with quotes of its own, and escaped."""
    logged = properties(deployed, "HttpApiApiGatewayDefaultStage")["AccessLogSettings"]
    line = re.sub(r"\$context\.error\.messageString", '"-"', logged["Format"])

    assert logged["DestinationArn"] == {"Fn::GetAtt": ["HttpApiLogs", "Arn"]}
    assert {"error", "authorizer_error", "status", "path"} <= json.loads(line).keys()
