"""template.yaml as AWS would see it."""

import pytest
from samtranslator.translator.transform import transform

from tests.support.deployment.template import Template, packaged


@pytest.fixture(scope="session")
def deployed(template: Template) -> Template:
    """The plain CloudFormation that SAM makes of it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        made: Template = transform(packaged(template), {}, None)
    return made
