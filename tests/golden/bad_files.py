"""Files whose bytes, lines or formats are wrong."""

import gzip

from tests.golden.case import EMPTY, NOTHING, Bad, Expected, few

GOOD = b'{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}]}'
OTHER = b'{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hey"}]}'

CASES = (
    Bad("empty", b"", (EMPTY,)),
    Bad("blank_lines_only", b"\n \r\n\t\n", (EMPTY,)),
    Bad("empty_array", b" [ ]\n", (EMPTY,)),
    Bad(
        "byte_order_mark",
        b"\xef\xbb\xbf" + GOOD + b"\n",
        (Expected(0, "", "bom", "the file starts with a byte order mark"), few(1)),
    ),
    Bad(
        "utf16",
        GOOD.decode().encode("utf-16"),
        (
            NOTHING,
            Expected(
                1,
                "",
                "other_file_kind",
                "this looks like text in UTF-16: iconv -f UTF-16 -t UTF-8 FILE > rows.jsonl",
            ),
        ),
    ),
    Bad(
        "latin1_in_line_2",
        GOOD + b"\n" + b'{"messages":[{"role":"user","content":"caf\xe9"}]}\n' + OTHER,
        (
            few(2),
            Expected(
                2,
                "",
                "invalid_utf8",
                "the text is not UTF-8 at byte 43 of the line",
                '{"messages":[{"role":"user","content":"caf\ufffd"}]}',
            ),
        ),
    ),
    Bad(
        "gzip_cut_off",
        gzip.compress(GOOD * 3, mtime=0)[:-9],
        (
            Expected(0, "", "bad_gzip", "the gzip data is damaged: it ends in the middle"),
            NOTHING,
            Expected(
                1,
                "",
                "not_json",
                "this is not JSON: unexpected '{' at character 82",
                '…},{"role":"assistant","content":"ho"}]}{"messages":[{"role":"user",'
                '"content":"hi"},{"role":"assistant","content":"ho"}…',
            ),
        ),
    ),
    Bad(
        "not_json",
        GOOD + b"\nhello\n" + OTHER,
        (
            few(2),
            Expected(
                2,
                "",
                "not_json",
                "this is not JSON: unexpected 'h' at character 1",
                "hello",
            ),
        ),
    ),
    Bad(
        "cut_off_last_line",
        GOOD + b"\n" + OTHER[:40],
        (
            few(1),
            Expected(
                2,
                "",
                "not_json",
                "this is not JSON: it ends in the middle",
                '{"messages":[{"role":"user","content":"h',
            ),
        ),
    ),
    Bad(
        "single_quotes",
        b"{'messages': []}",
        (
            NOTHING,
            Expected(
                1,
                "",
                "not_json",
                'this is not JSON: unexpected "\'" at character 2',
                "{'messages': []}",
            ),
        ),
    ),
    Bad(
        "trailing_comma",
        GOOD + b",\n" + OTHER,
        (
            few(1),
            Expected(
                1,
                "",
                "not_json",
                "this is not JSON: unexpected ',' at character 82",
                '…},{"role":"assistant","content":"ho"}]},',
            ),
        ),
    ),
    Bad(
        "two_objects_on_a_line",
        GOOD + b"\n" + OTHER + OTHER,
        (
            few(1),
            Expected(
                2,
                "",
                "not_json",
                "this is not JSON: unexpected '{' at character 83",
                '…,{"role":"assistant","content":"hey"}]}{"messages":[{"role":"user",'
                '"content":"hi"},{"role":"assistant","content":"hey"…',
            ),
        ),
    ),
    Bad(
        "lines_of_other_types",
        b'%s\n1\n"text"\nnull\ntrue\n' % GOOD,
        (
            few(1),
            Expected(2, "", "not_object", "this is a number, not a JSON object", "1"),
            Expected(3, "", "not_object", "this is a string, not a JSON object", "text"),
            Expected(4, "", "not_object", "this is null, not a JSON object", "null"),
            Expected(5, "", "not_object", "this is true or false, not a JSON object", "true"),
        ),
    ),
    Bad(
        "array_not_closed",
        b"[\n" + GOOD + b",\n" + OTHER,
        (
            few(1),
            Expected(
                2,
                "",
                "not_json",
                "this is not JSON: the array is not closed",
                OTHER.decode(),
            ),
        ),
    ),
    Bad(
        "array_with_an_element_missing",
        b"[" + GOOD + b",,\n" + OTHER + b"]",
        (
            few(2),
            Expected(2, "", "not_json", "this is not JSON: an element is missing"),
        ),
    ),
    Bad(
        "text_after_the_array",
        b"[" + GOOD + b"]\nend",
        (
            few(1),
            Expected(
                2, "", "not_json", "this is not JSON: text follows the end of the array", "end"
            ),
        ),
    ),
    Bad(
        "unknown_format",
        b'{"question":"a","answer":"b"}\n{}\n',
        (
            NOTHING,
            Expected(
                1,
                "",
                "unknown_format",
                "no known format has these keys: 'question', 'answer'",
                '{"question":"a","answer":"b"}',
            ),
            Expected(2, "", "unknown_format", "no known format has these keys: none", "{}"),
        ),
    ),
    Bad(
        "ambiguous_row",
        GOOD + b'\n{"messages":[],"prompt":"a","completion":"b"}',
        (
            few(1),
            Expected(
                2,
                "",
                "ambiguous_format",
                "the keys fit several formats: openai_chat, prompt_completion",
                "'messages', 'prompt', 'completion'",
            ),
        ),
    ),
    Bad(
        "mixed_formats",
        GOOD + b'\n{"prompt":"a","completion":"b"}\n' + OTHER,
        (
            few(2),
            Expected(
                2,
                "",
                "mixed_formats",
                "this row is prompt_completion, the file is openai_chat",
                "'prompt', 'completion'",
            ),
        ),
    ),
    Bad(
        "one_stray_row_first",
        b'{"instruction":"a","output":"b"}\n' + GOOD + b"\n" + OTHER,
        (
            few(2),
            Expected(
                1,
                "",
                "mixed_formats",
                "this row is alpaca, the file is openai_chat",
                "'instruction', 'output'",
            ),
        ),
    ),
    Bad(
        "same_row_three_times",
        GOOD + b"\n" + OTHER + b"\n" + GOOD + b"\n\n" + GOOD,
        (
            few(4),
            Expected(3, "", "duplicate_exact", "the same row as line 1"),
            Expected(5, "", "duplicate_exact", "the same row as line 1"),
        ),
    ),
    Bad(
        "same_row_spelled_differently",
        GOOD
        + b'\n{ "messages": [ {"content":"h\\u0069","role":"user"},'
        + b' {"weight":1,"role":"assistant","content":"ho"} ] }',
        (few(2), Expected(2, "", "duplicate_exact", "the same row as line 1")),
    ),
)
