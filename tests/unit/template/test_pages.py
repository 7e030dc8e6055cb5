"""The dashboard in the cloud: a private bucket behind CloudFront, the API on the same origin."""

from typing import Any

from local.deploy import parameters
from local.pages import API_PATHS, policy
from local.settings import read_settings
from tests.support.deployment.template import Template, of_type, properties

PAGES = {
    "PagesBucket",
    "PagesBucketPolicy",
    "PagesAccess",
    "PagesAddresses",
    "PagesHeaders",
    "PagesApiHeaders",
    "PagesDistribution",
}


def distribution(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = properties(template, "PagesDistribution")["DistributionConfig"]
    return found


def headers(template: Template, policy_name: str) -> dict[str, Any]:
    config = properties(template, policy_name)["ResponseHeadersPolicyConfig"]
    found: dict[str, Any] = config["SecurityHeadersConfig"]
    return found


def test_an_engine_without_cloudfront_leaves_all_of_it_out(template: Template) -> None:
    conditional = {
        name
        for name, resource in template["Resources"].items()
        if resource.get("Condition") == "PagesAreServed"
    }
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    of_cloudfront = {kind for kind in kinds if kind.startswith("AWS::CloudFront::")}

    assert conditional == PAGES
    assert all(of_type(template, kind).keys() <= PAGES for kind in of_cloudfront)
    assert parameters(read_settings({}), [])["ServePages"] == "false"


def test_only_the_distribution_reads_the_bucket(template: Template) -> None:
    bucket = properties(template, "PagesBucket")
    allowed, refused = properties(template, "PagesBucketPolicy")["PolicyDocument"]["Statement"]
    origins = {origin["Id"]: origin for origin in distribution(template)["Origins"]}
    access = properties(template, "PagesAccess")["OriginAccessControlConfig"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == "s3:GetObject"
    assert "PagesDistribution" in str(allowed["Condition"]["StringEquals"]["aws:SourceArn"])
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert origins["pages"]["OriginAccessControlId"] == {"Ref": "PagesAccess"}
    assert access["SigningBehavior"] == "always"


def test_the_api_stands_on_the_same_origin_and_nothing_of_it_is_kept(template: Template) -> None:
    behaviours = distribution(template)["CacheBehaviors"]
    disabled, all_but_host = (
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    )

    assert tuple(one["PathPattern"] for one in behaviours) == API_PATHS
    assert {one["TargetOriginId"] for one in behaviours} == {"api"}
    assert {one["CachePolicyId"] for one in behaviours} == {disabled}
    assert {one["OriginRequestPolicyId"] for one in behaviours} == {all_but_host}
    assert all(
        {"POST", "PATCH", "DELETE", "PUT"} <= set(one["AllowedMethods"]) for one in behaviours
    )
    assert not any("FunctionAssociations" in one for one in behaviours)


def test_an_address_inside_the_dashboard_is_answered_by_its_index(template: Template) -> None:
    (function,) = distribution(template)["DefaultCacheBehavior"]["FunctionAssociations"]
    code = properties(template, "PagesAddresses")["FunctionCode"]

    assert function["EventType"] == "viewer-request"
    assert "request.uri = '/index.html'" in code
    assert "'/assets/'" in code
    assert "CustomErrorResponses" not in distribution(template)


def test_no_script_runs_that_is_not_a_file_of_ours_and_nobody_frames_it(template: Template) -> None:
    sent = headers(template, "PagesHeaders")
    written = sent["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    hosts = (
        "https://cognito-idp.${AWS::Region}.amazonaws.com "
        "https://${StorageBucket.RegionalDomainName} https://${StorageBucket.DomainName}"
    )

    assert written == policy(hosts)
    assert "script-src 'self';" in written
    assert "frame-ancestors 'none'" in written
    assert "unsafe-eval" not in written


def test_browsers_are_told_to_keep_to_https_and_to_types(template: Template) -> None:
    for name in ("PagesHeaders", "PagesApiHeaders"):
        sent = headers(template, name)

        assert sent["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000
        assert sent["FrameOptions"]["FrameOption"] == "DENY"
        assert sent["ContentTypeOptions"] == {"Override": True}


def test_links_in_mails_lead_to_the_dashboard(template: Template) -> None:
    variables = properties(template, "ProcessJobsFunction")["Environment"]["Variables"]
    own = {"Fn::Sub": "https://${PagesDistribution.DomainName}"}

    assert variables["BRIGHTRUN_PAGES_URL"] == {
        "Fn::If": [
            "HasPagesUrl",
            {"Ref": "PagesUrl"},
            {"Fn::If": ["PagesAreServed", own, ""]},
        ]
    }
