"""Rows whose tools, calls or answers do not fit each other, and rows that hold secrets."""

from tests.golden.case import NOTHING, Bad, Expected, few

WEATHER = b'"tools":[{"type":"function","function":{"name":"weather","parameters":{}}}]'
ASK = b'{"role":"user","content":"Rain?"}'
CALL = (
    b'{"role":"assistant","tool_calls":[{"id":"c1","type":"function",'
    b'"function":{"name":"weather","arguments":"{\\"city\\":\\"Bern\\"}"}}]}'
)
ANSWER = b'{"role":"tool","tool_call_id":"c1","content":"yes"}'
SAY = b'{"role":"assistant","content":"Yes."}'


def row(*turns: bytes, tools: bytes = WEATHER) -> bytes:
    """Return a chat row of these turns."""
    return b'{"messages":[' + b",".join(turns) + b"]," + tools + b"}"


# Put together here, so that no scanner takes the file itself for a leak.
AWS_KEY = b"AKIA" + b"Q2W3E4R5T6Y7U8I9"
API_KEY = b"sk-" + b"proj-" + b"a1B2c3D4e5F6g7H8"
PRIVATE_KEY = b"-----BEGIN RSA " + b"PRIVATE KEY-----"
JWT = b"eyJ" + b"hbGciOiJIUzI1NiJ9" + b".eyJ" + b"zdWIiOiIxMjM0NTY3ODkwIn0" + b".sig-nature"

CASES = (
    Bad(
        "tool_called_but_not_declared",
        row(ASK, CALL.replace(b'"weather"', b'"wether"'), ANSWER, SAY),
        (
            NOTHING,
            Expected(
                1,
                "/messages/1/tool_calls/0/function/name",
                "tool_undeclared",
                "the function 'wether' is not among the row's tools",
                "wether",
            ),
        ),
    ),
    Bad(
        "tool_call_without_an_answer",
        row(ASK, CALL, SAY),
        (
            NOTHING,
            Expected(
                1,
                "/messages/1/tool_calls/0",
                "tool_call_unanswered",
                "the call 'c1' gets no answer before the conversation goes on",
                "c1",
            ),
            Expected(
                1,
                "/messages/2",
                "bad_role_order",
                "two turns of role assistant in a row",
            ),
        ),
    ),
    Bad(
        "answer_to_no_call",
        row(ASK, CALL, ANSWER.replace(b"c1", b"c2"), SAY),
        (
            NOTHING,
            Expected(
                1,
                "/messages/2/tool_call_id",
                "tool_call_unknown",
                "no earlier call has the id 'c2'",
                "c2",
            ),
            Expected(
                1,
                "/messages/1/tool_calls/0",
                "tool_call_unanswered",
                "the call 'c1' gets no answer before the conversation goes on",
                "c1",
            ),
        ),
    ),
    Bad(
        "arguments_not_json",
        row(ASK, CALL.replace(rb'"{\"city\":\"Bern\"}"', b'"city=Bern"'), ANSWER, SAY)
        + b"\n"
        + row(ASK, CALL.replace(rb'"{\"city\":\"Bern\"}"', b'["Bern"]'), ANSWER, SAY)
        + b"\n"
        + row(ASK, CALL.replace(rb'"{\"city\":\"Bern\"}"', b'"[1]"'), ANSWER, SAY),
        (
            NOTHING,
            Expected(
                1,
                "/messages/1/tool_calls/0/function/arguments",
                "tool_args_not_json",
                "the arguments are not a JSON object: unexpected 'c' at character 1",
                "city=Bern",
            ),
            Expected(
                2,
                "/messages/1/tool_calls/0/function/arguments",
                "tool_args_not_json",
                "the arguments are not a JSON object: it is a list",
                '["Bern"]',
            ),
            Expected(
                3,
                "/messages/1/tool_calls/0/function/arguments",
                "tool_args_not_json",
                "the arguments are not a JSON object: it holds a list",
                "[1]",
            ),
        ),
    ),
    Bad(
        "calls_of_wrong_types",
        row(ASK, b'{"role":"assistant","tool_calls":"weather"}')
        + b"\n"
        + row(ASK, b'{"role":"assistant","tool_calls":[3,{"id":"c1"},{"function":"f"}]}'),
        (
            NOTHING,
            Expected(
                1,
                "/messages/1/tool_calls",
                "wrong_type",
                "this should be a list of calls, it is a string",
                "weather",
            ),
            Expected(
                2,
                "/messages/1/tool_calls/0",
                "wrong_type",
                "this should be an object, it is a number",
                "3",
            ),
            Expected(
                2,
                "/messages/1/tool_calls/1/function",
                "missing_field",
                "the field 'function' is missing",
                '{"id":"c1"}',
            ),
            Expected(
                2,
                "/messages/1/tool_calls/2/function",
                "wrong_type",
                "this should be an object, it is a string",
                "f",
            ),
        ),
    ),
    Bad(
        "the_user_calls_a_tool",
        row(CALL.replace(b"assistant", b"user"), SAY),
        (
            NOTHING,
            Expected(
                1,
                "/messages/0/tool_calls",
                "wrong_type",
                "only the assistant can call tools",
                '[{"id":"c1","type":"function","function":{"name":"weather",'
                '"arguments":"{\\"city\\":\\"Bern\\"}"}}]',
            ),
        ),
    ),
    Bad(
        "tools_of_wrong_types",
        row(ASK, SAY, tools=b'"tools":{"name":"weather"}')
        + b"\n"
        + row(
            ASK,
            SAY,
            tools=b'"tools":[1,{"type":"function"},{"type":"function",'
            b'"function":{"name":"get weather"}}]',
        ),
        (
            NOTHING,
            Expected(
                1,
                "/tools",
                "wrong_type",
                "this should be a list of tools, it is an object",
                '{"name":"weather"}',
            ),
            Expected(2, "/tools/0", "wrong_type", "this should be an object, it is a number", "1"),
            Expected(
                2,
                "/tools/1/function",
                "missing_field",
                "the field 'function' is missing",
                '{"type":"function"}',
            ),
            Expected(
                2,
                "/tools/2/function/name",
                "bad_name",
                "the name 'get weather' is not valid",
                "get weather",
            ),
        ),
    ),
    Bad(
        "tool_turn_after_the_user",
        row(ASK, b'{"role":"tool","content":"yes"}', SAY),
        (
            few(1),
            Expected(1, "/messages/1", "bad_role_order", "a tool turn after a turn of role user"),
        ),
    ),
    Bad(
        "the_user_interrupts_a_tool",
        row(ASK, CALL, ANSWER, ASK, SAY),
        (
            few(1),
            Expected(
                1,
                "/messages/3",
                "bad_role_order",
                "a user turn where the assistant should use the tool's answer",
            ),
        ),
    ),
    Bad(
        "legacy_function_call_without_arguments_in_json",
        row(ASK, b'{"role":"assistant","function_call":{"name":"weather","arguments":"x"}}'),
        (
            NOTHING,
            Expected(
                1,
                "/messages/1/function_call/arguments",
                "tool_args_not_json",
                "the arguments are not a JSON object: unexpected 'x' at character 1",
                "x",
            ),
        ),
    ),
    Bad(
        "secrets",
        b"\n".join(
            b'{"messages":[%s,{"role":"assistant","content":"use %s now"}]}' % (ASK, secret)
            for secret in (AWS_KEY, API_KEY, PRIVATE_KEY, JWT)
        ),
        (
            few(4),
            Expected(
                1,
                "/messages/1/content",
                "secret_suspect",
                "this looks like an AWS access key",
                "AKIA\u2026",
            ),
            Expected(
                2,
                "/messages/1/content",
                "secret_suspect",
                "this looks like an API key (sk-\u2026)",
                "sk-p\u2026",
            ),
            Expected(
                3,
                "/messages/1/content",
                "secret_suspect",
                "this looks like a private key",
                "----\u2026",
            ),
            Expected(
                4,
                "/messages/1/content",
                "secret_suspect",
                "this looks like a signed token (JWT)",
                "eyJh\u2026",
            ),
        ),
    ),
)
