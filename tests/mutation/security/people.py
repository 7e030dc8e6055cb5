"""Faults by which a person or a key can do more than it may: H2, H3, H4, M5, M6, M7, L8."""

from tests.mutation.fault import Fault

_SECURITY = "tests/integration/security/"
_OUT = (f"{_SECURITY}test_who_is_out.py",)
_SHARES = (f"{_SECURITY}test_fair_shares.py",)
_ROOM = (f"{_SECURITY}test_storage_room.py",)
_TRAIL = (f"{_SECURITY}test_audit.py",)
_AUTHORIZER = "functions/authorizer/app.py"
_TEMPLATE = "template.yaml"

FAULTS = (
    Fault(
        "H2: a user who was disabled is let in",
        _AUTHORIZER,
        "    if access is not None and access.disabled_at is not None:\n        return True\n",
        "",
        _OUT,
    ),
    Fault(
        "H2: a user who was disabled in the pool alone is let in",
        _AUTHORIZER,
        "    return deps.users is not None and not deps.users.is_enabled(",
        "    return False and not deps.users.is_enabled(",
        _OUT,
    ),
    Fault(
        "H2: a key outlives its end",
        _AUTHORIZER,
        "    if stored.ends_at is not None and stored.ends_at <= deps.now():",
        "    if False:",
        _OUT,
    ),
    Fault(
        "H2: a key that was revoked opens on",
        _AUTHORIZER,
        "    if stored.revoked_at is not None:",
        "    if False:",
        ("tests/integration/authorizer/test_issued_tokens.py",),
    ),
    Fault(
        "H2: whoever writes by a key makes keys by it",
        "layers/shared/brightrun/accounts/access.py",
        "        wanted = Scope.KEYS\n",
        "        wanted = Scope.WRITE\n",
        _OUT,
    ),
    Fault(
        "H2: a key makes one that opens more",
        "functions/api/accounts/key_care.py",
        "    if caller.scopes is not None and not set(wanted.scopes) <= set(caller.scopes):",
        "    if False:",
        _OUT,
    ),
    Fault(
        "H2: a key's scopes say nothing",
        "layers/shared/brightrun/accounts/access.py",
        "    if wanted not in scopes:",
        "    if False:",
        _OUT,
    ),
    Fault(
        "H2: a key does not show when it was used",
        "functions/api/accounts/key_care.py",
        '.model_copy(update={"last_used_at": used.get(key.id)})',
        "",
        _OUT,
    ),
    Fault(
        "H3: the api may not ask for many records at once",
        _TEMPLATE,
        "                - dynamodb:BatchGetItem\n                - dynamodb:ConditionCheckItem\n"
        "                - dynamodb:GetItem\n                - dynamodb:PutItem\n"
        "                - dynamodb:Query\n                - dynamodb:UpdateItem\n"
        "              Resource: !GetAtt Table.Arn\n            - Sid: ListRecords",
        "                - dynamodb:ConditionCheckItem\n"
        "                - dynamodb:GetItem\n                - dynamodb:PutItem\n"
        "                - dynamodb:Query\n                - dynamodb:UpdateItem\n"
        "              Resource: !GetAtt Table.Arn\n            - Sid: ListRecords",
        ("tests/integration/template/test_permissions.py",),
    ),
    Fault(
        "H4: a user calls without end",
        "functions/api/edge.py",
        "        draw(deps.table, user_bucket(caller.user_id), rate, now=now)\n",
        "",
        _SHARES,
    ),
    Fault(
        "H4: a key calls without end",
        "functions/api/edge.py",
        "            draw(deps.table, key_bucket(caller.user_id, caller.key_id), rate, now=now)",
        "            pass",
        _SHARES,
    ),
    Fault(
        "H4: a worker calls without end",
        "functions/api/edge.py",
        "        draw(deps.table, bucket, WORKER_RATE, now=now, expires_at=until)",
        "        del bucket, until",
        _SHARES,
    ),
    Fault(
        "H4: all users draw on one share",
        "layers/shared/brightrun/ports/dynamodb/accounts/call_rates.py",
        '    return keys.buckets(user_id).key("USER")',
        '    return keys.buckets(UserId("all")).key("USER")',
        _SHARES,
    ),
    Fault(
        "H4: a user stores without end",
        "functions/api/datasets/storage_room.py",
        "    if held + size_bytes > room:",
        "    if False:",
        (*_ROOM, *_SHARES),
    ),
    Fault(
        "H4: uploads are on their way without end",
        "functions/api/datasets/storage_room.py",
        "    if in_flight >= most:",
        "    if False:",
        (*_ROOM, *_SHARES),
    ),
    Fault(
        "H4: the authorizer has no room of its own",
        _TEMPLATE,
        "      Timeout: 10 # the most an HTTP API waits for its authorizer\n"
        "      ReservedConcurrentExecutions: "
        "!If [ConcurrencyIsReserved, !Ref ApiConcurrency, !Ref AWS::NoValue]\n",
        "      Timeout: 10 # the most an HTTP API waits for its authorizer\n",
        ("tests/unit/template/test_functions.py",),
    ),
    Fault(
        "M5: an administrator's path is judged with its stage",
        "functions/api/app.py",
        "    path = APIGatewayProxyEventV2(event).path\n",
        '    path = APIGatewayProxyEventV2(event).raw_event["rawPath"]\n',
        _OUT,
    ),
    Fault(
        "M5: whoever signed in is an administrator",
        "layers/shared/brightrun/accounts/access.py",
        "    if path.startswith(ADMIN_PREFIX) and not caller.is_admin:",
        "    if False:",
        _OUT,
    ),
    Fault(
        "M6: mail goes to an address that nobody has proven",
        _AUTHORIZER,
        'claims.get("email") if _is_true(claims.get("email_verified")) else None',
        'claims.get("email")',
        ("tests/integration/authorizer/test_authorizer.py",),
    ),
    Fault(
        "M6: a new address counts before it is proven",
        _TEMPLATE,
        "      UserAttributeUpdateSettings: {AttributesRequireVerificationBeforeUpdate: [email]}\n",
        "",
        (f"{_SECURITY}test_words_of_errors.py",),
    ),
    Fault(
        "M7: what is changed is not remembered",
        "layers/shared/brightrun/ports/dynamodb/accounts/auditing.py",
        "    if table.actor is None or kind is None:",
        "    if True:",
        _TRAIL,
    ),
    Fault(
        "M7: a change of limits is not remembered",
        "layers/shared/brightrun/ports/dynamodb/accounts/auditing.py",
        '    UserLimits: "limits",\n',
        "",
        _TRAIL,
    ),
    Fault(
        "M7: the trail does not say which key it was",
        "functions/api/edge.py",
        "        key_id=caller.key_id,\n        address=",
        "        key_id=None,\n        address=",
        _TRAIL,
    ),
    Fault(
        "M7: a secret stands in the trail",
        "layers/shared/brightrun/accounts/audit.py",
        "    if name in SECRET:",
        "    if False:",
        _TRAIL,
    ),
    Fault(
        "L8: no second factor can be switched on",
        _TEMPLATE,
        "      MfaConfiguration: OPTIONAL\n",
        "",
        (f"{_SECURITY}test_words_of_errors.py",),
    ),
    Fault(
        "L8: a password may be sent",
        _TEMPLATE,
        "[ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH]",
        "[ALLOW_USER_SRP_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH]",
        (f"{_SECURITY}test_words_of_errors.py",),
    ),
    Fault(
        "L8: the trainer is root",
        "trainer_image/Dockerfile",
        "USER 10001:10001\n",
        "",
        ("tests/integration/trainer/checks/test_image.py",),
    ),
)
