"""Faults of template.yaml: a first deployment fails, is silent, or keeps what it should not."""

from tests.mutation.fault import Fault

TEMPLATE = "template.yaml"
_UNIT = "tests/unit/template/"
_PERMISSIONS = "tests/integration/template/test_permissions.py"
_TABLE_OF_PARAMETERS = """
[dev.global.parameters.parameter_overrides]
Stage = "dev"
LogRetentionDays = 14
"""
_RECORDS = "              Action:\n                - dynamodb:BatchGetItem\n"
_TABLE = "  Table:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: "
_MOVED_KEPT = "NoncurrentVersionExpiration: {NoncurrentDays: !Ref DeletedDays}"

FAULTS = (
    Fault(
        "B1: a new account is asked for what it has not",
        TEMPLATE,
        '  ReserveConcurrency:\n    Type: String\n    Default: "false"\n',
        '  ReserveConcurrency:\n    Type: String\n    Default: "true"\n',
        (f"{_UNIT}test_functions.py",),
    ),
    Fault(
        "B1: a table that could not be made is left behind",
        TEMPLATE,
        f"{_TABLE}RetainExceptOnCreate\n",
        f"{_TABLE}Retain\n",
        (f"{_UNIT}test_what_is_kept.py",),
    ),
    Fault(
        "B2: CloudFormation takes what SAM has cut",
        TEMPLATE,
        """    AllowedPattern: '^\\{\\s*("[^"]+"\\s*:""",
        """    AllowedPattern: '^.*$|^\\{\\s*("[^"]+"\\s*:""",
        ("tests/integration/template/test_parameters.py",),
    ),
    Fault(
        "B2: the parameters stand in a line of pairs",
        "samconfig.toml",
        _TABLE_OF_PARAMETERS,
        """parameter_overrides = "Stage=dev GpuEndpoints={\\"A\\":\\"b\\"}"\n""",
        ("tests/integration/template/test_parameters.py",),
    ),
    Fault(
        "B4: the action that the pages of administrators need is taken away",
        TEMPLATE,
        _RECORDS,
        "              Action:\n",
        (_PERMISSIONS,),
    ),
    Fault(
        "an action that nobody uses is granted",
        TEMPLATE,
        _RECORDS,
        f"{_RECORDS}                - dynamodb:BatchWriteItem\n",
        (_PERMISSIONS,),
    ),
    Fault(
        "M5: error lines of the worker's watch ring nowhere",
        TEMPLATE,
        """'{ (($.level = "ERROR")""",
        """'{ (($.level = "NEVER")""",
        (f"{_UNIT}test_alarms.py",),
    ),
    Fault(
        "M5: a second undelivered event is silent",
        TEMPLATE,
        "      MetricName: NumberOfMessagesSent #",
        "      MetricName: ApproximateNumberOfMessagesVisible #",
        (f"{_UNIT}test_alarms.py",),
    ),
    Fault(
        "M8: workers have the throttle of people",
        TEMPLATE,
        "          ThrottlingRateLimit: !Ref WorkerThrottleRate\n",
        "          ThrottlingRateLimit: !Ref ThrottleRate\n",
        (f"{_UNIT}test_http_api.py",),
    ),
    Fault(
        "M9: what is built is for another processor than what is deployed",
        TEMPLATE,
        "      BuildArchitecture: !Ref Arch\n",
        "      BuildArchitecture: x86_64\n",
        (f"{_UNIT}test_functions.py",),
    ),
    Fault(
        "M10: old versions stay for ever",
        TEMPLATE,
        f"            {_MOVED_KEPT}\n",
        "",
        (f"{_UNIT}test_what_is_kept.py",),
    ),
    Fault(
        "M10: markers of what is gone stay for ever",
        TEMPLATE,
        "            ExpiredObjectDeleteMarker: true\n",
        "            ExpiredObjectDeleteMarker: false\n",
        (f"{_UNIT}test_what_is_kept.py",),
    ),
    Fault(
        "m3: an unproven address is taken at once",
        TEMPLATE,
        "      UserAttributeUpdateSettings: {AttributesRequireVerificationBeforeUpdate: [email]}\n",
        "",
        (f"{_UNIT}test_what_is_kept.py",),
    ),
    Fault(
        "m12: an error breaks the access log's JSON",
        TEMPLATE,
        '"error":$context.error.messageString',
        '"error":"$context.error.messageString"',
        (f"{_UNIT}test_http_api.py",),
    ),
    Fault(
        "m13: a header is exposed that nobody sends",
        TEMPLATE,
        "ExposeHeaders: [retry-after, apigw-requestid]",
        "ExposeHeaders: [retry-after, x-request-id]",
        (f"{_UNIT}test_http_api.py",),
    ),
    Fault(
        "m19: nobody can have a second factor",
        TEMPLATE,
        "      MfaConfiguration: OPTIONAL\n",
        '      MfaConfiguration: "OFF"\n',
        (f"{_UNIT}test_what_is_kept.py",),
    ),
)
