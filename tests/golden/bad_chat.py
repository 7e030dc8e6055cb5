"""Chat rows that are wrong: roles, contents, weights, order."""

from tests.golden.case import NOTHING, Bad, Expected, few

CASES = (
    Bad(
        "messages_missing",
        b'{"message":[{"role":"user","content":"a"}],"tools":[]}\n{"messages":[]}',
        (
            NOTHING,
            Expected(1, "/messages", "missing_field", "the field 'messages' is missing"),
            Expected(
                1,
                "/message",
                "unknown_key",
                "the key 'message' is not known and is ignored",
                '[{"role":"user","content":"a"}]',
            ),
            Expected(
                2,
                "/messages",
                "no_assistant",
                "no turn of the assistant, so there is nothing to learn",
            ),
        ),
    ),
    Bad(
        "messages_of_wrong_types",
        b'{"messages":"hi"}\n{"messages":[1,"a"]}\n{"messages":null}',
        (
            NOTHING,
            Expected(
                1,
                "/messages",
                "wrong_type",
                "this should be a list of turns, it is a string",
                "hi",
            ),
            Expected(
                2, "/messages/0", "wrong_type", "this should be an object, it is a number", "1"
            ),
            Expected(
                2, "/messages/1", "wrong_type", "this should be an object, it is a string", "a"
            ),
            Expected(3, "/messages", "wrong_type", "this should be a list of turns, it is null"),
        ),
    ),
    Bad(
        "unknown_role",
        b'{"messages":[{"role":"bot","content":"a"},{"role":"Assistant","content":"b"}]}',
        (
            NOTHING,
            Expected(1, "/messages/0/role", "unknown_role", "the role 'bot' is not known", "bot"),
            Expected(
                1,
                "/messages/1/role",
                "unknown_role",
                "the role 'Assistant' is not known",
                "Assistant",
            ),
        ),
    ),
    Bad(
        "role_missing_or_of_wrong_type",
        b'{"messages":[{"content":"a"},{"role":1,"content":"b"}]}',
        (
            NOTHING,
            Expected(1, "/messages/0/role", "missing_field", "the field 'role' is missing"),
            Expected(
                1,
                "/messages/1/role",
                "wrong_type",
                "this should be a string, it is a number",
                "1",
            ),
        ),
    ),
    Bad(
        "content_missing_empty_blank_null",
        b'{"messages":[{"role":"user"},{"role":"assistant","content":""},'
        b'{"role":"user","content":" \\n"},{"role":"assistant","content":null}]}',
        (
            NOTHING,
            Expected(1, "/messages/0/content", "missing_field", "the field 'content' is missing"),
            Expected(1, "/messages/1/content", "empty_content", "the text is empty"),
            Expected(1, "/messages/2/content", "empty_content", "the text is empty", "  "),
            Expected(1, "/messages/3/content", "wrong_type", "this should be a string, it is null"),
        ),
    ),
    Bad(
        "content_is_a_number",
        b'{"messages":[{"role":"user","content":5},{"role":"assistant","content":{"a":1}}]}',
        (
            NOTHING,
            Expected(
                1,
                "/messages/0/content",
                "wrong_type",
                "this should be a string, it is a number",
                "5",
            ),
            Expected(
                1,
                "/messages/1/content",
                "wrong_type",
                "this should be a string, it is an object",
                '{"a":1}',
            ),
        ),
    ),
    Bad(
        "content_parts",
        b'{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}},'
        b'{"type":"text","text":"what?"},7,{"type":"text"}]},'
        b'{"role":"assistant","content":[]}]}',
        (
            NOTHING,
            Expected(
                1,
                "/messages/0/content/0/type",
                "unsupported_content",
                "content of type 'image_url' cannot be trained on",
                "image_url",
            ),
            Expected(
                1,
                "/messages/0/content/2",
                "wrong_type",
                'this should be an object with a "type", it is a number',
                "7",
            ),
            Expected(
                1, "/messages/0/content/3/text", "missing_field", "the field 'text' is missing"
            ),
            Expected(1, "/messages/1/content", "empty_content", "the text is empty", "[]"),
        ),
    ),
    Bad(
        "no_assistant",
        b'{"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"}]}',
        (
            NOTHING,
            Expected(
                1,
                "/messages",
                "no_assistant",
                "no turn of the assistant, so there is nothing to learn",
            ),
            Expected(
                1,
                "/messages/1",
                "bad_role_order",
                "the last turn is of role user: nothing answers it",
            ),
        ),
    ),
    Bad(
        "weights",
        b'{"messages":[{"role":"user","content":"a","weight":1},'
        b'{"role":"assistant","content":"b","weight":2}]}\n'
        b'{"messages":[{"role":"user","content":"a"},'
        b'{"role":"assistant","content":"b","weight":true},'
        b'{"role":"user","content":"c"},{"role":"assistant","content":"d","weight":"1"}]}',
        (
            NOTHING,
            Expected(1, "/messages/0/weight", "bad_weight", "a weight on a turn of role user", "1"),
            Expected(1, "/messages/1/weight", "bad_weight", "the weight 2 is not 0 or 1", "2"),
            Expected(
                2, "/messages/1/weight", "bad_weight", "the weight true is not 0 or 1", "true"
            ),
            Expected(
                2,
                "/messages/3/weight",
                "bad_weight",
                "the weight is the text '1', not the number 0 or 1",
                "1",
            ),
        ),
    ),
    Bad(
        "all_weights_zero",
        b'{"messages":[{"role":"user","content":"a"},'
        b'{"role":"assistant","content":"b","weight":0}]}',
        (
            NOTHING,
            Expected(
                1,
                "/messages",
                "all_weights_zero",
                "every assistant turn has weight 0, so nothing trains",
            ),
        ),
    ),
    Bad(
        "unknown_keys",
        b'{"messages":[{"role":"user","content":"a","nmae":"x"},'
        b'{"role":"assistant","content":"b"}],"metadata":{"a/b":1},"x~y/z":null}',
        (
            few(1),
            Expected(
                1,
                "/metadata",
                "unknown_key",
                "the key 'metadata' is not known and is ignored",
                '{"a/b":1}',
            ),
            Expected(1, "/x~0y~1z", "unknown_key", "the key 'x~y/z' is not known and is ignored"),
            Expected(
                1,
                "/messages/0/nmae",
                "unknown_key",
                "the key 'nmae' is not known and is ignored",
                "x",
            ),
        ),
    ),
    Bad(
        "bad_name",
        b'{"messages":[{"role":"user","content":"a","name":"J\xc3\xb8rn S"},'
        b'{"role":"assistant","content":"b"}]}',
        (
            NOTHING,
            Expected(
                1, "/messages/0/name", "bad_name", "the name 'J\xf8rn S' is not valid", "J\xf8rn S"
            ),
        ),
    ),
    Bad(
        "odd_order",
        b'{"messages":[{"role":"assistant","content":"a"},{"role":"user","content":"b"},'
        b'{"role":"user","content":"c"},{"role":"system","content":"d"},'
        b'{"role":"assistant","content":"e"},{"role":"assistant","content":"f"},'
        b'{"role":"user","content":"g"}]}',
        (
            few(1),
            Expected(1, "/messages/0", "bad_role_order", "the assistant speaks first"),
            Expected(1, "/messages/2", "bad_role_order", "two turns of role user in a row"),
            Expected(1, "/messages/3", "bad_role_order", "a system turn after the start"),
            Expected(1, "/messages/5", "bad_role_order", "two turns of role assistant in a row"),
            Expected(
                1,
                "/messages/6",
                "bad_role_order",
                "the last turn is of role user: nothing answers it",
            ),
        ),
    ),
    Bad(
        "personal_data",
        b'{"messages":[{"role":"user","content":"I am bob.smith@acme-corp.com, call'
        b' +49 30 1234567 or 415-555-0134"},{"role":"assistant","content":'
        b'"Card 4111 1111 1111 1111, SSN 078-05-1120, IBAN DE89 3704 0044 0532 0130 00"}]}',
        (
            few(1),
            Expected(
                1,
                "/messages/0/content",
                "pii_suspect",
                "this looks like an e-mail address",
                "bob.\u2026",
            ),
            Expected(
                1,
                "/messages/0/content",
                "pii_suspect",
                "this looks like a telephone number",
                "+49 \u2026",
            ),
            Expected(
                1,
                "/messages/1/content",
                "pii_suspect",
                "this looks like an account number (IBAN)",
                "DE89\u2026",
            ),
            Expected(
                1,
                "/messages/1/content",
                "pii_suspect",
                "this looks like a card number",
                "4111\u2026",
            ),
            Expected(
                1,
                "/messages/1/content",
                "pii_suspect",
                "this looks like a social security number",
                "078-\u2026",
            ),
        ),
    ),
)
