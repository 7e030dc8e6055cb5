"""template.yaml as AWS would see it."""

import pytest
from samtranslator.translator.transform import transform

from tests.support.template import Template


@pytest.fixture(scope="session")
def deployed(template: Template) -> Template:
    """The plain CloudFormation that SAM makes of it."""
    source = template | {"Resources": dict(template["Resources"])}
    for name, resource in source["Resources"].items():
        where = {"CodeUri", "ContentUri"} & resource["Properties"].keys()
        packaged = resource["Properties"] | dict.fromkeys(where, "s3://bucket/key")
        source["Resources"][name] = resource | {"Properties": packaged}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        made: Template = transform(source, {}, None)
    return made
