"""Rows of every format as hypothesis makes them: good, odd, and not rows at all."""

from itertools import chain
from typing import Any

from hypothesis import strategies as st

from brightrun.datasets.record import DatasetFormat

TEXTS = st.sampled_from(
    [
        "hello",
        "",
        "  ",
        "\n",
        "two\nlines",
        "café",
        "你好",
        "a" * 40,
        "\u2028",
        "\u200b",
        'a "b"',
        "c\\",
    ]
)
ROLES = st.sampled_from(["system", "user", "assistant", "tool", "developer", "human", "gpt", "x"])
ODD = st.sampled_from([None, 0, 1, True, 2.5, "x", [], {}, ["x"], {"type": "text"}])


def _mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Usually what belongs there, now and then anything."""
    return st.one_of(usual, usual, usual, usual, ODD)


def _objects(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.fixed_dictionaries(required, optional=optional),
        st.fixed_dictionaries({}, optional=required | optional | {"extra": ODD}),
    )


WORDS = st.sampled_from(["hello", "café", "two\nlines", 'a "b"'])


def _conversations(
    role: str, content: str, user: list[str], assistant: list[str]
) -> st.SearchStrategy[Any]:
    """Conversations in good order, with good texts and now and then a blank one."""
    round_ = st.tuples(
        st.sampled_from(user), st.sampled_from(assistant), WORDS, st.one_of(WORDS, WORDS, TEXTS)
    ).map(lambda four: [{role: four[0], content: four[2]}, {role: four[1], content: four[3]}])
    rounds = st.lists(round_, min_size=1, max_size=3).map(lambda all_: [*chain.from_iterable(all_)])
    system = st.sampled_from([[], [{role: "system", content: "Be kind."}]])
    return st.tuples(system, rounds).map(lambda two: two[0] + two[1])


TURN = _objects(
    {"role": _mostly(ROLES), "content": _mostly(TEXTS)},
    {"weight": ODD, "name": _mostly(TEXTS), "tool_call_id": _mostly(TEXTS)},
)
SHAREGPT_TURN = _objects({"from": _mostly(ROLES), "value": _mostly(TEXTS)}, {"weight": ODD})
GOOD = _conversations("role", "content", ["user"], ["assistant"])
GOOD_SHAREGPT = _conversations("from", "value", ["human", "user"], ["gpt", "assistant"])
HISTORY_TURN = _objects(
    {"role": _mostly(ROLES), "content": _mostly(TEXTS)}, {"turn": ODD, "emotional_state": ODD}
)
ROWS: dict[DatasetFormat, st.SearchStrategy[Any]] = {
    DatasetFormat.OPENAI_CHAT: _objects(
        {"messages": _mostly(st.one_of(GOOD, st.lists(TURN)))},
        {"tools": ODD, "conversation_id": _mostly(TEXTS), "id": ODD},
    ),
    DatasetFormat.CONVERSATIONS: _objects(
        {"conversations": _mostly(st.one_of(GOOD, st.lists(TURN)))},
        {"id": ODD, "conversation_id": _mostly(TEXTS), "system": _mostly(TEXTS)},
    ),
    DatasetFormat.SHAREGPT: _objects(
        {"conversations": _mostly(st.one_of(GOOD_SHAREGPT, st.lists(SHAREGPT_TURN)))},
        {"id": ODD, "conversation_id": _mostly(TEXTS), "system": _mostly(TEXTS)},
    ),
    DatasetFormat.TURNS: _objects(
        {"conversation_id": _mostly(TEXTS), "turns": _mostly(st.one_of(GOOD, st.lists(TURN)))}, {}
    ),
    DatasetFormat.PROMPT_COMPLETION: _objects(
        {"prompt": _mostly(TEXTS), "completion": _mostly(TEXTS)}, {}
    ),
    DatasetFormat.ALPACA: _objects(
        {"instruction": _mostly(TEXTS), "output": _mostly(TEXTS)},
        {"input": _mostly(TEXTS), "system": _mostly(TEXTS), "history": ODD},
    ),
    DatasetFormat.BRIGHTRUN_V4: _objects(
        {
            "conversation_id": _mostly(TEXTS),
            "current_user_input": _mostly(TEXTS),
            "target_response": _mostly(TEXTS),
        },
        {
            "conversation_history": _mostly(
                st.one_of(GOOD, GOOD.map(lambda turns: turns[:-1]), st.lists(HISTORY_TURN))
            ),
            "system_prompt": _mostly(TEXTS),
            "id": ODD,
            "turn_number": ODD,
            "training_metadata": ODD,
        },
    ),
}
