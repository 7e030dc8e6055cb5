"""What is read is what stands in the file: digits, keys, characters.

Covers: datasets.parsing.exact_json, datasets.parsing.fast_rows.
"""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.parsing.exact_json import exact_dumps, exact_loads
from brightrun.datasets.parsing.fast_path import read_one
from brightrun.datasets.parsing.reader import RowOutcome, parse, read_examples
from brightrun.datasets.problems import Code
from brightrun.datasets.record import DatasetFormat
from tests.support.datasets.template_families import encoder_of, said
from tests.support.datasets.whole_rows import TOOLS

CHAT = DatasetFormat.OPENAI_CHAT
DIGITS = st.text("0123456789", min_size=1, max_size=60)
NUMBERS = st.one_of(
    st.integers(-(10**40), 10**40).map(str),
    st.tuples(st.integers(0, 10**20), DIGITS).map(lambda two: f"{two[0]}.{two[1]}"),
    st.tuples(st.integers(1, 9), st.integers(-999, 999)).map(lambda two: f"{two[0]}E{two[1]}"),
    st.sampled_from(["-0", "-0.0", "1.10", "1e400", "1E+2", "0.1000000000000000055511"]),
)


def calling(arguments: str, *, as_text: bool) -> bytes:
    written = json.dumps(arguments) if as_text else arguments
    function = f'{{"name":"f","arguments":{written}}}'
    return (
        '{"messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,'
        f'"tool_calls":[{{"type":"function","function":{function}}}]}}]}}'
    ).encode()


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.booleans())
def test_the_digits_that_train_are_the_digits_of_the_file(number: str, as_text: bool) -> None:  # noqa: FBT001
    (example,) = read_examples([calling(f'{{"wei": {number}}}', as_text=as_text)])

    (sequence,) = encoder_of("Qwen2.5, Hermes 3").samples(example)
    assert f'"arguments": {{"wei": {number}}}' in said(sequence.input_ids)


@settings(max_examples=30, deadline=None)
@given(NUMBERS, st.booleans(), st.sampled_from(["tools", "functions"]))
def test_a_schema_keeps_its_digits_too(number: str, as_text: bool, key: str) -> None:  # noqa: FBT001
    function = f'{{"name":"f","description":"F","parameters":{{"maximum":{number}}}}}'
    tools = f"[{function}]"
    value = json.dumps(tools) if as_text else tools
    row = calling("{}", as_text=True)[:-1] + f',"{key}":{value}}}'.encode()
    (example,) = read_examples([row])

    (sequence,) = encoder_of("Qwen2.5, Hermes 3").samples(example)
    assert f'{{"maximum": {number}}}' in said(sequence.input_ids)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(-1e9, 1e9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.sampled_from([None, 1, 4]), st.sampled_from([(True, False), (False, True)]))
def test_json_is_written_as_the_standard_library_writes_it(
    value: Any, indent: int | None, how: tuple[bool, bool]
) -> None:
    ascii_only, sort = how
    wished = json.dumps([value, 1], ensure_ascii=ascii_only, indent=indent, sort_keys=sort)

    spelled = exact_loads(json.dumps([value, 1]).removesuffix("1]") + "1.0e0]")
    told = exact_dumps(spelled, ensure_ascii=ascii_only, indent=indent, sort_keys=sort)
    end = "\n]" if indent is not None else "]"
    assert told == wished.removesuffix(f"1{end}") + f"1.0e0{end}"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["row", "turn", "arguments", "tools", "deep"]),
    st.sampled_from(['"a"', "1", "null", '{"b": 1}']),
    st.sampled_from(["a", "name", "content", "\\u0061"]),
)
def test_a_key_that_stands_twice_is_an_error_with_its_place(
    place: str, value: str, key: str
) -> None:
    name = json.loads(f'"{key}"')
    twice = f'"{name}": {value}, "{key}": {value}'
    turn, row, tools, arguments = "", "", "[]", "{}"
    if place == "row":
        row, path = f", {twice}", f"/{name}"
    elif place == "turn":
        turn, path = f", {twice}", f"/messages/1/{name}"
        turn = turn if name != "content" else f', "content": {value}'
    elif place == "tools":
        tools, path = f"[{{{twice}}}]", f"/tools/0/{name}"
    elif place == "arguments":
        arguments, path = f"{{{twice}}}", f"/messages/1/tool_calls/0/function/arguments/{name}"
    else:
        row, path = f', "meta": [1, {{"in": [{{{twice}}}]}}]', f"/meta/1/in/0/{name}"
    call = json.dumps(arguments)
    calls = f'"tool_calls":[{{"function":{{"name":"f","arguments":{call}}}}}]'
    raw = (
        '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b",'
        f'{calls}{turn}}}],"tools":{tools}{row}}}'
    ).encode()

    parsed = parse(raw, CHAT)
    assert parsed.fate is RowOutcome.REJECTED
    assert [(each.code, each.path) for each in parsed.findings if each.code == "duplicate_key"] == [
        (Code.DUPLICATE_KEY, path)
    ]


PLAIN = {
    CHAT: '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
    DatasetFormat.SHAREGPT: '{"id":"1","conversations":[{"from":"human","value":"a"},'
    '{"from":"gpt","value":"b"}]}',
    DatasetFormat.PROMPT_COMPLETION: '{"prompt":"a","completion":"b"}',
    DatasetFormat.ALPACA: '{"instruction":"a","input":"c","output":"b"}',
    DatasetFormat.TURNS: '{"conversation_id":"1","turns":[{"role":"user","content":"a"},'
    '{"role":"assistant","content":"b"}]}',
    DatasetFormat.BRIGHTRUN_V4: '{"conversation_id":"1","current_user_input":"a",'
    '"target_response":"b","conversation_metadata":{"k":{"l":1}},"conversation_history":[]}',
}


@pytest.mark.parametrize("kind", PLAIN)
def test_the_quick_reading_takes_no_row_in_which_a_key_stands_twice(kind: DatasetFormat) -> None:
    """Any key at any depth, spelled as it is or with an escape; the slow reading names it."""
    row = PLAIN[kind]
    assert read_one(row.encode(), kind) is not None
    pairs = [pair for pair in _pairs(row) if not pair.endswith("[")]
    assert len(pairs) >= 2

    for pair in pairs:
        key = pair[1 : pair.index('"', 1)]
        escaped = pair.replace(key, f"\\u{ord(key[0]):04x}{key[1:]}", 1)
        for again in (pair, escaped):
            twice = row.replace(pair, f"{pair},{again}", 1).encode()
            assert orjson.loads(twice) == orjson.loads(row)
            assert read_one(twice, kind) is None
            assert Code.DUPLICATE_KEY in {each.code for each in parse(twice, kind).findings}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("hidden", range(2, 9))
def test_quotes_spelled_by_escapes_do_not_hide_a_key_that_stands_twice(
    kind: DatasetFormat, hidden: int
) -> None:
    r"""A quote written as `\u0022` stands in the text and not in the line."""
    row = PLAIN[kind].replace('"a"', '"' + r"\u0022" * hidden + 'a"', 1)

    for pair in _pairs(row):
        if not pair.endswith("["):
            twice = row.replace(pair, f"{pair},{pair}", 1).encode()
            assert read_one(twice, kind) is None


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ("[" * 150 + "]" * 150, Code.TOO_DEEP),
        ('{"a":' * 150 + "1" + "}" * 150, Code.TOO_DEEP),
        ("7" * 5000, Code.NOT_JSON),
        ('{"a":[1,{"b":1,"c":2,"b":3}]}', Code.DUPLICATE_KEY),
        (r'["\ud83d"]', Code.LONE_SURROGATE),
    ],
)
def test_values_that_are_kept_unread_are_sound_all_the_same(kept: str, code: Code) -> None:
    kind = DatasetFormat.BRIGHTRUN_V4
    row = PLAIN[kind].replace('{"k":{"l":1}}', kept, 1).encode()

    assert read_one(row, kind) is None
    assert [each.code for each in parse(row, kind).findings] == [code]


def _pairs(row: str) -> list[str]:
    """Return every key of a compact row with its value, where that holds no other keys."""
    return [
        part
        for part in row.replace("{", "\n").replace("}", "\n").replace(",", "\n").split("\n")
        if part.startswith('"') and part.count('"') in (2, 4) and not part.endswith((":", "["))
    ]


HALVES = st.sampled_from([r"\ud83d", r"\udc00", r"fine \ud83d!", r"\ude00\ud83d"])


@settings(max_examples=30, deadline=None)
@given(HALVES, st.sampled_from(["content", "arguments", "key", "tools"]))
def test_half_a_surrogate_pair_is_called_that(half: str, place: str) -> None:
    text, arguments, row = "a", "{}", ""
    if place == "content":
        text, path = half, "/messages/0/content"
    elif place == "arguments":
        arguments, path = f'{{"x": "{half}"}}', "/messages/1/tool_calls/0/function/arguments/x"
    elif place == "tools":
        row, path = f',"tools":[{{"name":"f","description":"{half}"}}]', "/tools/0/description"
    else:
        row, path = f',"{half}":1', ""
    raw = (
        f'{{"messages":[{{"role":"user","content":"{text}"}},{{"role":"assistant","tool_calls":'
        f'[{{"function":{{"name":"f","arguments":{json.dumps(arguments)}}}}}]}}]{row}}}'
    ).encode()

    parsed = parse(raw, CHAT)
    (found,) = (each for each in parsed.findings if each.code == "lone_surrogate")
    assert parsed.fate is RowOutcome.REJECTED
    assert found.path == path or place == "key"
    assert "\\ud" in found.detail


INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u00a0\u3164\u2800\u200e\ufe0f\x00\x1f \t\n"


@settings(max_examples=40, deadline=None)
@given(st.text(INVISIBLE, min_size=1, max_size=6), st.sampled_from(list(PLAIN)))
def test_an_answer_of_invisible_characters_is_empty(text: str, kind: DatasetFormat) -> None:
    row = PLAIN[kind].replace('"b"', json.dumps(text)).encode()

    assert read_one(row, kind) is None
    assert [each.code for each in parse(row, kind).findings] == [Code.EMPTY_CONTENT]


@pytest.mark.parametrize("levels", [99, 101, 990, 1020, 5000])
def test_what_is_nested_too_deeply_is_that_rows_error(levels: int) -> None:
    deep = '{"a":' * levels + "1" + "}" * levels
    parsed = parse(calling(deep, as_text=True), CHAT)

    if levels <= 100:
        assert parsed.fate is RowOutcome.TRAINED
    else:
        assert parsed.fate is RowOutcome.REJECTED
        assert parsed.findings[0].code in ("too_deep", "tool_args_not_json")


def test_a_number_of_too_many_digits_is_that_rows_error() -> None:
    parsed = parse(calling('{"a": %s}' % ("9" * 5000), as_text=False), CHAT)

    assert parsed.fate is RowOutcome.REJECTED
    assert "5000 digits" in parsed.findings[0].detail


def test_declared_tools_are_the_same_from_either_key() -> None:
    functions = [tool["function"] for tool in TOOLS]
    base = json.loads(calling("{}", as_text=True))
    lists = ({"tools": TOOLS}, {"functions": functions}, {"tools": functions})

    digests = set()
    for declared in lists:
        (example,) = read_examples([json.dumps({**base, **declared}).encode()])
        digests.add(example.sha256)
    assert len(digests) == 1
