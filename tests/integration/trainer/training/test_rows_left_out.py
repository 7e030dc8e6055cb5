"""A row that cannot train is left out with its reason, and the run goes on without it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.ledger_check import differences, totals_of
from brightrun.datasets.validation.validator import validate
from brightrun.training.configuration import Hyperparameters, OverLength
from brightrun.training.failure_codes import FailureCode
from tests.support.datasets.template_families import encoder_of, encoder_with
from tests.support.datasets.whole_rows import KINDS, rows
from trainer_image.data.dataset import Rows, load_rows
from trainer_image.ipc.failures import RunFailed

CHATML = "ChatML (Qwen2, SmolLM)"
MISTRAL = "Mistral v0.3"
ASK, SAY = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
PLAIN = {"messages": [ASK, SAY]}


def read(family: str, values: list[object], folder: Path, **changes: object) -> Rows:
    path = folder / "dataset"
    path.write_bytes(b"\n".join(json.dumps(value).encode() for value in values))
    tune = Hyperparameters.model_validate({"validation_fraction": 0.0, **changes})
    return load_rows(path, encoder_of(family), tune, context_tokens=512)


def odd_rows() -> dict[str, tuple[str, object]]:
    """Return a row that each code refuses with Mistral's template."""
    call = {"type": "function", "id": "c1", "function": {"name": "f", "arguments": "{}"}}
    beside = {**SAY, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "4"}
    thought = {**SAY, "reasoning_content": "hm"}
    return {
        "text beside a call": (
            "template_drops_content",
            {"messages": [ASK, beside, result, SAY]},
        ),
        "thinking": ("template_drops_reasoning", {"messages": [ASK, thought]}),
        "too long": ("too_long", {"messages": [ASK, {**SAY, "content": "long " * 300}]}),
        "not JSON": ("unknown_format", {"question": "q"}),
    }


@pytest.mark.parametrize("name", odd_rows())
@pytest.mark.parametrize("place", [0, 2, 4])
def test_one_row_that_cannot_train_ends_nothing(name: str, place: int, tmp_path: Path) -> None:
    code, odd = odd_rows()[name]
    values: list[object] = [{"messages": [{**ASK, "content": str(at)}, SAY]} for at in range(4)]
    values.insert(place, odd)

    found = read(MISTRAL, values, tmp_path)
    assert len(found.train) == 4
    assert list(found.left_out.values()) == [1]
    assert found.ledger.rows == 5
    assert found.ledger.rejected_rows == 1
    if name != "not JSON":
        assert found.left_out == {code: 1}


def test_a_system_turn_trains_behind_the_prompt_as_it_is_at_inference(tmp_path: Path) -> None:
    system = {"role": "system", "content": "Be brief."}

    found = read(MISTRAL, [PLAIN, {"messages": [system, ASK, SAY]}], tmp_path)
    assert len(found.train) == 2
    assert found.left_out == {}


def test_a_template_that_trains_no_row_is_the_base_models_fault(tmp_path: Path) -> None:
    path = tmp_path / "dataset"
    path.write_bytes(json.dumps(PLAIN).encode())
    endless = encoder_with(
        {"default": "{{ messages[0].content }}{{ messages[1].content }}"}, "</s>"
    )

    with pytest.raises(RunFailed) as failure:
        load_rows(path, endless, Hyperparameters(), context_tokens=512)
    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNSUPPORTED


@pytest.mark.parametrize("family", [CHATML, MISTRAL, "Qwen3", "gpt-oss"])
def test_the_trainer_counts_what_the_validator_counts(family: str, tmp_path: Path) -> None:
    """Of any file, with the same tokenizer and limit, the sums are the same."""

    @settings(max_examples=10, deadline=None)
    @given(
        st.lists(st.one_of(*map(rows, KINDS), st.just({"x": 1})), min_size=1, max_size=5),
        st.sampled_from([160, 300, 4096]),
        st.sampled_from([*OverLength]),
    )
    def compare(values: list[object], limit_tokens: int, over_length: OverLength) -> None:
        path = tmp_path / "dataset"
        values = [PLAIN, *values]
        path.write_bytes(b"\n".join(json.dumps(value).encode() for value in values))
        tune = Hyperparameters(max_sequence_tokens=limit_tokens)
        counted = validate(
            [path.read_bytes()],
            encoder=encoder_of(family),
            max_sequence_tokens=limit_tokens,
            over_length=over_length,
        ).verdict.statistics

        found = load_rows(path, encoder_of(family), tune, 8192, over_length)
        assert found.ledger == totals_of(counted)
        assert differences(counted, found.ledger) == {}
        assert sum(row.size.tokens for row in (*found.train, *found.held_out)) == (
            counted.total_tokens
        )
        supervised = sum(row.size.supervised_tokens for row in (*found.train, *found.held_out))
        assert supervised == counted.trained_tokens
        assert sum(found.left_out.values()) == counted.rejected_rows

    compare()


def test_what_is_counted_differently_is_named(tmp_path: Path) -> None:
    found = read(CHATML, [PLAIN], tmp_path)
    other = validate([b"\n".join([json.dumps(PLAIN).encode()] * 2)], encoder=encoder_of(CHATML))

    told = differences(other.verdict.statistics, found.ledger)
    assert told["rows"] == (2, 1)
    assert told["trained_rows"] == (2, 1)
    assert set(told) == {"rows", "trained_rows", "tokens", "trained_tokens"}
