"""What can be wrong with rows of the other seven formats."""

from tests.golden.bad_preference import CASES as PREFERENCE
from tests.golden.bad_v4 import CASES as V4
from tests.golden.case import NOTHING, Bad, Expected, few

PAIRS = (
    Bad(
        "prompt_without_completion",
        b'{"prompt":"a"}\n{"prompt":"a","completion":"b"}\n{"completion":"c"}',
        (
            few(1),
            Expected(1, "/completion", "missing_field", "the field 'completion' is missing"),
            Expected(3, "/prompt", "missing_field", "the field 'prompt' is missing"),
        ),
    ),
    Bad(
        "completion_empty",
        b'{"prompt":"a","completion":""}\n{"prompt":" ","completion":"b"}',
        (
            NOTHING,
            Expected(1, "/completion", "empty_content", "the text is empty"),
            Expected(2, "/prompt", "empty_content", "the text is empty", " "),
        ),
    ),
    Bad(
        "prompt_of_wrong_type",
        b'{"prompt":1,"completion":false}',
        (
            NOTHING,
            Expected(1, "/prompt", "wrong_type", "this should be a string, it is a number", "1"),
            Expected(
                1,
                "/completion",
                "wrong_type",
                "this should be a string, it is true or false",
                "false",
            ),
        ),
    ),
    Bad(
        "prompt_as_messages_completion_without_assistant",
        b'{"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"user","content":"b"}]}',
        (
            NOTHING,
            Expected(
                1,
                "/completion",
                "no_assistant",
                "no turn of the assistant, so there is nothing to learn",
            ),
        ),
    ),
    Bad(
        "prompt_as_messages_completion_as_text",
        b'{"prompt":[{"role":"user","content":"a"}],"completion":"b"}',
        (
            NOTHING,
            Expected(
                1,
                "/completion",
                "wrong_type",
                "this should be a list of turns, it is a string",
                "b",
            ),
        ),
    ),
)

ALPACA = (
    Bad(
        "alpaca_without_output",
        b'{"instruction":"a","input":"b"}',
        (NOTHING, Expected(1, "/output", "missing_field", "the field 'output' is missing")),
    ),
    Bad(
        "alpaca_with_empty_instruction_and_number_as_input",
        b'{"instruction":"","input":4,"output":"c"}',
        (
            NOTHING,
            Expected(1, "/instruction", "empty_content", "the text is empty"),
            Expected(1, "/input", "wrong_type", "this should be a string, it is a number", "4"),
        ),
    ),
    Bad(
        "alpaca_history",
        b'{"instruction":"a","output":"b","history":[["q"],["q","r"],["q",""]]}\n'
        b'{"instruction":"a","output":"b","history":"q"}',
        (
            NOTHING,
            Expected(1, "/history/0", "wrong_type", "this should be [question, answer]", '["q"]'),
            Expected(1, "/history/2/1", "empty_content", "the text is empty"),
            Expected(
                2,
                "/history",
                "wrong_type",
                "this should be a list of [question, answer], it is a string",
                "q",
            ),
        ),
    ),
    Bad(
        "alpaca_unknown_key",
        b'{"instruction":"a","output":"b","text":"c"}',
        (
            few(1),
            Expected(1, "/text", "unknown_key", "the key 'text' is not known and is ignored", "c"),
        ),
    ),
)

SHAREGPT = (
    Bad(
        "sharegpt_unknown_speaker",
        b'{"conversations":[{"from":"person","value":"a"},{"from":"gpt","value":"b"}]}',
        (
            NOTHING,
            Expected(
                1,
                "/conversations/0/from",
                "unknown_role",
                "the role 'person' is not known",
                "person",
            ),
        ),
    ),
    Bad(
        "sharegpt_value_missing",
        b'{"conversations":[{"from":"human"},{"from":"gpt","value":""}]}',
        (
            NOTHING,
            Expected(1, "/conversations/0/value", "missing_field", "the field 'value' is missing"),
            Expected(1, "/conversations/1/value", "empty_content", "the text is empty"),
        ),
    ),
    Bad(
        "sharegpt_row_among_conversations",
        b'{"conversations":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n'
        b'{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}\n'
        b'{"conversations":[{"role":"user","content":"c"},{"role":"assistant","content":"d"}]}',
        (
            few(2),
            Expected(
                2,
                "",
                "mixed_formats",
                "this row is sharegpt, the file is conversations",
                "'conversations'",
            ),
        ),
    ),
    Bad(
        "sharegpt_function_call_not_json",
        b'{"conversations":[{"from":"human","value":"a"},{"from":"function_call","value":"f()"},'
        b'{"from":"observation","value":"1"},{"from":"gpt","value":"b"}],"tools":"[nope"}',
        (
            NOTHING,
            Expected(
                1,
                "/tools",
                "wrong_type",
                "this should be a list of tools, it is a string",
                "[nope",
            ),
            Expected(
                1,
                "/conversations/1/value",
                "tool_args_not_json",
                "the arguments are not a JSON object: unexpected 'f' at character 1",
                "f()",
            ),
        ),
    ),
    Bad(
        "sharegpt_function_call_with_odd_arguments",
        b'{"conversations":[{"from":"human","value":"a"},{"from":"function_call","value":'
        b'"{\\"name\\":\\"f\\",\\"arguments\\":[1]}"},{"from":"gpt","value":"b"}]}\n'
        b'{"conversations":[{"from":"human","value":"a"},{"from":"function_call","value":'
        b'"{\\"arguments\\":{}}"},{"from":"gpt","value":"b"}]}',
        (
            NOTHING,
            Expected(
                1,
                "/conversations/1/value/arguments",
                "tool_args_not_json",
                "the arguments are not a JSON object: it is a list",
                "[1]",
            ),
            Expected(
                2,
                "/conversations/1/value",
                "tool_args_not_json",
                "the arguments are not a JSON object: it names no function",
                '{"arguments":{}}',
            ),
        ),
    ),
    Bad(
        "conversations_not_a_list",
        b'{"conversations":{"role":"user"}}\n{"conversations":[{"role":"user","content":"a"}]}',
        (
            NOTHING,
            Expected(
                1,
                "/conversations",
                "wrong_type",
                "this should be a list of turns, it is an object",
                '{"role":"user"}',
            ),
            Expected(
                2,
                "/conversations",
                "no_assistant",
                "no turn of the assistant, so there is nothing to learn",
            ),
            Expected(
                2,
                "/conversations/0",
                "bad_role_order",
                "the last turn is of role user: nothing answers it",
            ),
        ),
    ),
)

TURNS = (
    Bad(
        "turns_without_conversation_id",
        b'{"turns":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
        (
            NOTHING,
            Expected(
                1,
                "/conversation_id",
                "missing_field",
                "the field 'conversation_id' is missing",
            ),
        ),
    ),
    Bad(
        "turns_with_a_role_and_text_wrong",
        b'{"conversation_id":"c","turns":[{"role":"customer","content":"a"},'
        b'{"role":"assistant","content":[]}]}',
        (
            NOTHING,
            Expected(
                1,
                "/turns/0/role",
                "unknown_role",
                "the role 'customer' is not known",
                "customer",
            ),
            Expected(1, "/turns/1/content", "empty_content", "the text is empty", "[]"),
        ),
    ),
    Bad(
        "turns_empty",
        b'{"conversation_id":"c","turns":[]}',
        (
            NOTHING,
            Expected(
                1,
                "/turns",
                "no_assistant",
                "no turn of the assistant, so there is nothing to learn",
            ),
        ),
    ),
    Bad(
        "turns_conversation_id_of_wrong_type",
        b'{"conversation_id":{"a":1},"turns":[{"role":"user","content":"a"},'
        b'{"role":"assistant","content":"b"}]}',
        (
            NOTHING,
            Expected(
                1,
                "/conversation_id",
                "wrong_type",
                "this should be a string or a whole number, it is an object",
                '{"a":1}',
            ),
        ),
    ),
)

CASES = (*PAIRS, *ALPACA, *SHAREGPT, *TURNS, *V4, *PREFERENCE)
