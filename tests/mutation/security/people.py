"""Faults by which a person or a key can do more than it may: H2, H3, H4, M5, M6, M7, L8."""

from tests.mutation.fault import Fault

_SECURITY = "tests/integration/security/"
_OUT = f"{_SECURITY}test_who_is_out.py"
_SHARES = f"{_SECURITY}test_fair_shares.py"
_TRAIL = f"{_SECURITY}test_audit.py"
_WORDS = f"{_SECURITY}test_words_of_errors.py"
_AUTHORIZER = "functions/authorizer/app.py"
_TEMPLATE = "template.yaml"

FAULTS = (
    Fault(
        "H2: a user who was disabled is let in",
        _AUTHORIZER,
        "    if access is not None and access.disabled_at is not None:\n        return True\n",
        "",
        (f"{_OUT}::test_a_disabled_users_key_opens_nothing_at_once",),
    ),
    Fault(
        "H2: a user who was disabled in the pool alone is let in",
        _AUTHORIZER,
        "    return deps.users is not None and not deps.users.is_enabled(",
        "    return False and not deps.users.is_enabled(",
        (f"{_OUT}::test_who_is_disabled_or_deleted_in_the_user_pool_alone_is_out_within_a_minute",),
    ),
    Fault(
        "H2: a key outlives its end",
        _AUTHORIZER,
        "    if stored.ends_at is not None and stored.ends_at <= deps.now():",
        "    if False:",
        (f"{_OUT}::test_a_key_opens_until_its_end",),
    ),
    Fault(
        "H2: a key that was revoked opens on",
        _AUTHORIZER,
        "    if stored.revoked_at is not None:",
        "    if False:",
        ("tests/integration/authorizer/test_issued_tokens.py::test_a_revoked_api_key_is_nobody",),
    ),
    Fault(
        "H2: whoever writes by a key makes keys by it",
        "layers/shared/brightrun/accounts/access.py",
        "        wanted = Scope.KEYS\n",
        "        wanted = Scope.WRITE\n",
        (f"{_OUT}::test_a_key_opens_what_its_scopes_say",),
    ),
    Fault(
        "H2: a key makes one that opens more",
        "functions/api/accounts/key_care.py",
        "    if caller.scopes is not None and not set(wanted.scopes) <= set(caller.scopes):",
        "    if False:",
        (f"{_OUT}::test_a_key_makes_none_that_opens_more_than_itself",),
    ),
    Fault(
        "H2: a key's scopes say nothing",
        "layers/shared/brightrun/accounts/access.py",
        "    if wanted not in scopes:",
        "    if False:",
        (f"{_OUT}::test_a_key_opens_what_its_scopes_say",),
    ),
    Fault(
        "H2: a key does not show when it was used",
        "functions/api/accounts/key_care.py",
        '.model_copy(update={"last_used_at": used.get(key.id)})',
        "",
        (f"{_OUT}::test_a_key_shows_its_end_and_its_last_use",),
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
        (f"{_SHARES}::test_a_user_who_calls_too_fast_is_told_when_to_come_back",),
    ),
    Fault(
        "H4: a key's calls are not counted",
        "functions/api/edge.py",
        "            draw(deps.table, key_bucket(caller.user_id, caller.key_id), rate, now=now)",
        "            pass",
        (f"{_OUT}::test_a_key_shows_its_end_and_its_last_use",),
    ),
    Fault(
        "H4: a worker calls without end",
        "functions/api/edge.py",
        "        draw(deps.table, bucket, WORKER_RATE, now=now, expires_at=until)",
        "        del bucket, until",
        (f"{_SHARES}::test_a_worker_that_repeats_itself_is_told_to_wait",),
    ),
    Fault(
        "H4: all users draw on one share",
        "layers/shared/brightrun/ports/dynamodb/accounts/call_rates.py",
        '    return keys.buckets(user_id).key("USER")',
        '    return keys.buckets(UserId("all")).key("USER")',
        (f"{_SHARES}::test_one_users_haste_costs_nobody_else_anything",),
    ),
    Fault(
        "H4: a user stores without end",
        "functions/api/datasets/storage_room.py",
        "    if held + size_bytes > room:",
        "    if False:",
        (f"{_SHARES}::test_what_a_user_may_store_has_an_end",),
    ),
    Fault(
        "H4: uploads are on their way without end",
        "functions/api/datasets/storage_room.py",
        "    if in_flight >= most:",
        "    if False:",
        (f"{_SHARES}::test_no_more_datasets_are_on_their_way_than_fifty",),
    ),
    Fault(
        "H4: the authorizer has no room of its own",
        _TEMPLATE,
        "      Timeout: 10 # the most an HTTP API waits for its authorizer\n"
        "      ReservedConcurrentExecutions: "
        "!If [ConcurrencyIsReserved, !Ref ApiConcurrency, !Ref AWS::NoValue]\n",
        "      Timeout: 10 # the most an HTTP API waits for its authorizer\n",
        (
            "tests/unit/template/test_functions.py::test_every_function_has_room_of_its_own_where_the_account_allows_it",
        ),
    ),
    Fault(
        "M5: an administrator's path is judged with its stage",
        "functions/api/app.py",
        "    path = APIGatewayProxyEventV2(event).path\n",
        '    path = APIGatewayProxyEventV2(event).raw_event["rawPath"]\n',
        (f"{_OUT}::test_the_administrators_paths_are_judged_as_they_are_routed",),
    ),
    Fault(
        "M5: whoever signed in is an administrator",
        "layers/shared/brightrun/accounts/access.py",
        "    if path.startswith(ADMIN_PREFIX) and not caller.is_admin:",
        "    if False:",
        (f"{_OUT}::test_a_plain_user_disables_nobody",),
    ),
    Fault(
        "M6: mail goes to an address that nobody has proven",
        _AUTHORIZER,
        'claims.get("email") if _is_true(claims.get("email_verified")) else None',
        'claims.get("email")',
        (
            "tests/integration/authorizer/test_authorizer.py::test_an_address_that_is_not_proven_is_none",
        ),
    ),
    Fault(
        "M6: a new address counts before it is proven",
        _TEMPLATE,
        "      UserAttributeUpdateSettings: {AttributesRequireVerificationBeforeUpdate: [email]}\n",
        "",
        (f"{_WORDS}::test_a_second_factor_can_be_switched_on_and_an_address_is_proven",),
    ),
    Fault(
        "M7: what is changed is not remembered",
        "layers/shared/brightrun/ports/dynamodb/accounts/auditing.py",
        "    if table.actor is None or kind is None:",
        "    if True:",
        (f"{_TRAIL}::test_an_entry_says_who_what_from_where_and_from_what_into_what",),
    ),
    Fault(
        "M7: a change of limits is not remembered",
        "layers/shared/brightrun/ports/dynamodb/accounts/auditing.py",
        '    UserLimits: "limits",\n',
        "",
        (f"{_TRAIL}::test_every_kind_of_change_is_in_the_trail",),
    ),
    Fault(
        "M7: the trail does not say which key it was",
        "functions/api/edge.py",
        "        key_id=caller.key_id,\n        address=",
        "        key_id=None,\n        address=",
        (f"{_TRAIL}::test_an_entry_says_who_what_from_where_and_from_what_into_what",),
    ),
    Fault(
        "M7: a secret stands in the trail",
        "layers/shared/brightrun/accounts/audit.py",
        "    if name in SECRET:",
        "    if False:",
        (f"{_TRAIL}::test_no_secret_and_no_hash_stands_in_the_trail",),
    ),
    Fault(
        "L8: no second factor can be switched on",
        _TEMPLATE,
        "      MfaConfiguration: OPTIONAL\n",
        "",
        (f"{_WORDS}::test_a_second_factor_can_be_switched_on_and_an_address_is_proven",),
    ),
    Fault(
        "L8: a password may be sent",
        _TEMPLATE,
        "[ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH]",
        "[ALLOW_USER_SRP_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH]",
        (f"{_WORDS}::test_a_second_factor_can_be_switched_on_and_an_address_is_proven",),
    ),
    Fault(
        "L8: the trainer is root",
        "trainer_image/Dockerfile",
        "USER 10001:10001\n",
        "",
        (
            "tests/integration/trainer/checks/test_image.py::test_the_worker_is_not_root_and_cannot_change_its_own_code",
        ),
    ),
)
