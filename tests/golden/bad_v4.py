"""BrightRun v4: what can be wrong with the header and with a pair."""

from tests.golden.case import NOTHING, Bad, Expected, few

META = b'{"_meta":{"file_name":"f","total_pairs":%d,"version":"4.0"}}\n'
PAIR = (
    b'{"id":"1","conversation_id":"c1","turn_number":1,"conversation_history":[],'
    b'"current_user_input":"a","target_response":"b"}'
)

CASES = (
    Bad(
        "v4_header_counts_more_than_there_is",
        META % 3 + PAIR,
        (
            Expected(
                0,
                "",
                "meta_count_mismatch",
                "the header declares 3 pairs, the file holds 1",
            ),
            few(1),
        ),
    ),
    Bad("v4_header_only", META % 0, (Expected(0, "", "empty_file", "the file holds no rows"),)),
    Bad(
        "v4_all_targets_null",
        META % 2 + PAIR.replace(b'"b"', b"null") + b"\n" + PAIR.replace(b'"b"', b"null"),
        (NOTHING,),
    ),
    Bad(
        "v4_fields_missing",
        META % 1 + b'{"id":"1","conversation_history":[]}',
        (
            NOTHING,
            Expected(
                2,
                "/conversation_id",
                "missing_field",
                "the field 'conversation_id' is missing",
            ),
            Expected(
                2,
                "/current_user_input",
                "missing_field",
                "the field 'current_user_input' is missing",
            ),
            Expected(
                2,
                "/target_response",
                "missing_field",
                "the field 'target_response' is missing",
            ),
        ),
    ),
    Bad(
        "v4_target_empty_or_of_wrong_type",
        META % 2 + PAIR.replace(b'"b"', b'""') + b"\n" + PAIR.replace(b'"b"', b'["b"]'),
        (
            NOTHING,
            Expected(2, "/target_response", "empty_content", "the text is empty"),
            Expected(
                3,
                "/target_response",
                "wrong_type",
                "this should be a string, it is a list",
                '["b"]',
            ),
        ),
    ),
    Bad(
        "v4_history_wrong",
        META % 2
        + PAIR.replace(b"[]", b'[{"turn":1,"role":"client","content":"x","emotional_state":{}}]')
        + b"\n"
        + PAIR.replace(b"[]", b'"none"'),
        (
            NOTHING,
            Expected(
                2,
                "/conversation_history/0/role",
                "unknown_role",
                "the role 'client' is not known",
                "client",
            ),
            Expected(
                3,
                "/conversation_history",
                "wrong_type",
                "this should be a list of turns, it is a string",
                "none",
            ),
        ),
    ),
    Bad(
        "v4_history_out_of_order_and_unknown_keys",
        META % 1
        + PAIR.replace(
            b"[]",
            b'[{"role":"user","content":"x"},{"role":"user","content":"y","mood":"calm"},'
            b'{"role":"assistant","content":"z"}]',
        ).replace(b'"id"', b'"notes":"n","id"'),
        (
            few(1),
            Expected(
                2, "/notes", "unknown_key", "the key 'notes' is not known and is ignored", "n"
            ),
            Expected(
                2,
                "/conversation_history/1/mood",
                "unknown_key",
                "the key 'mood' is not known and is ignored",
                "calm",
            ),
            Expected(
                2,
                "/conversation_history/1",
                "bad_role_order",
                "two turns of role user in a row",
            ),
        ),
    ),
    Bad(
        "v4_ignored_field_is_not_utf8",
        META % 2 + PAIR + b"\n" + PAIR.replace(b'"id":"1"', b'"id":"\xff"').replace(b'"b"', b'"c"'),
        (
            few(1),
            Expected(
                3,
                "",
                "invalid_utf8",
                "the text is not UTF-8 at byte 8 of the line",
                '{"id":"\ufffd","conversation_id":"c1","turn_number":1,"conversation_history":[],'
                '"current_user_input":"a","target_response":"\u2026',
            ),
        ),
    ),
    Bad(
        "v4_chat_row_in_between",
        META % 2
        + PAIR
        + b'\n{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
        (
            few(1),
            Expected(
                3,
                "",
                "mixed_formats",
                "this row is openai_chat, the file is brightrun_v4",
                "'messages'",
            ),
        ),
    ),
)
