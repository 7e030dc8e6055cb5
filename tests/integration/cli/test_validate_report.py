"""What `brightrun validate` prints: every mistake at its line, and what the upload will say."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from brightrun.cli.main import main
from brightrun.cli.session import Session
from brightrun.runtime import Deps
from tests.support.api.client_wires import api_transport, calling
from tests.support.datasets.chat_models import CHATML, tokenizer_json
from tests.support.datasets.messy_file import MISTAKES, messy_file

Out = pytest.CaptureFixture[str]
GOOD = b'{"prompt":"a","completion":"b"}\n'
NOWHERE = Session({}, Path("nowhere") / "config.toml")
"""No stage is configured."""


@pytest.mark.parametrize("columns", [80, 200])
def test_the_typical_mistakes_are_named_at_their_lines_ten_in_a_screen(
    file: Path, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    file.write_bytes(messy_file())

    assert main(["validate", str(file)], NOWHERE) == 1
    out = capsys.readouterr().out.splitlines()
    heads = [at for at, line in enumerate(out) if line.startswith("line ")]
    told = {
        (_line_of(out[at]), code)
        for at in heads
        for code in MISTAKES.values()
        if f": {code}: " in out[at]
    }
    assert len(MISTAKES) == 21
    assert set(MISTAKES.items()) <= told
    # two lines for each problem; on a screen of 80 columns one in five is a line longer
    rows = [sum(-(-len(line) // columns) for line in out[at : at + 2]) for at in heads]
    assert [heads[n + 1] - heads[n] for n in range(len(heads) - 1)] == [2] * (len(heads) - 1)
    assert max(sum(rows[n : n + 10]) for n in range(len(rows) - 9)) <= 24


def _line_of(text: str) -> int:
    return int(text.removeprefix("line ").partition(":")[0])


def test_what_stands_at_the_spot_is_shown_with_what_helps_there(file: Path, capsys: Out) -> None:
    file.write_bytes(messy_file())

    main(["validate", str(file)], NOWHERE)
    out = capsys.readouterr().out
    assert 'on day 3."},]}  → this comma is one too many: remove it' in out
    assert "→ this is Python, not JSON; write it with json.dumps" in out
    assert "/messages/2/role: asistant  → did you mean 'assistant'?" in out


def test_the_spot_is_shown_in_a_row_that_is_short_too(file: Path, capsys: Out) -> None:
    question, answer = b'"role":"user","content":"Rye?"', b'"role":"assistant","content":"Daily."'
    file.write_bytes(b'{"messages":[{%s},{%s},]}\n' % (question, answer))

    main(["validate", str(file)], NOWHERE)
    assert '"Daily."},]}  → this comma is one too many: remove it' in capsys.readouterr().out


def test_a_table_is_named_once_with_the_command_that_converts_it(file: Path, capsys: Out) -> None:
    file.write_bytes(b"prompt,completion\n" + b"a,b\n" * 60)

    assert main(["validate", str(file)], NOWHERE) == 1
    out = capsys.readouterr().out
    assert out.count("this looks like CSV") == 2  # in its place, and as the verdict's reason
    assert "pandas.read_csv('FILE').to_json('rows.jsonl'" in out


def test_a_small_file_hears_what_a_verdict_needs(file: Path, capsys: Out) -> None:
    rows = [GOOD.replace(b'"a"', b'"a%d"' % n) for n in range(60)]
    file.write_bytes(b"".join(rows[:20]))
    main(["validate", str(file)], NOWHERE)
    few = capsys.readouterr().out
    file.write_bytes(b"".join(rows))
    main(["validate", str(file)], NOWHERE)
    enough = capsys.readouterr().out

    assert "6 of them held out for evaluation: too few to tell" in few
    assert "30 in all would do" in few
    assert "12 of them held out for evaluation\n" in enough


@pytest.mark.parametrize(("model", "limit"), [(None, 4096), ("small", 512)])
def test_the_stages_own_maximum_holds_where_one_is_configured(
    session: Session, deps: Deps, file: Path, model: str | None, limit: int, capsys: Out
) -> None:  # fmt: skip
    first = deps.catalog.base_models[0]
    small = first.model_copy(update={"id": "small", "context_tokens": 512})
    wider = replace(deps.catalog, base_models=(first, small))
    wired = replace(session, transport=api_transport(calling(replace(deps, catalog=wider))))
    file.write_bytes(GOOD.replace(b'"a"', b'"' + b"a word " * 700 + b'"'))

    words = ["validate", str(file), *(() if model is None else ("--model", model))]
    assert main(words, wired) == 0
    out = capsys.readouterr().out
    assert f"a row may have {limit:,}, as for {model or first.id}" in out
    assert ("probably_too_long" in out) is (limit == 512)
    assert ("1 row may turn out too long: the upload counts tokens exactly" in out) is (
        limit == 512
    )


def test_a_stage_that_does_not_answer_is_said_and_the_default_taken(
    session: Session, file: Path, capsys: Out
) -> None:
    gone = replace(session, transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    file.write_bytes(GOOD)

    assert main(["validate", str(file)], gone) == 0
    told = capsys.readouterr()
    assert "was not asked for its maximum" in told.err
    assert "a row may have 4,096" in told.out


def test_why_tokens_are_counted_slowly_is_said(file: Path, tmp_path: Path, capsys: Out) -> None:
    strange = json.loads(tokenizer_json())
    strange["normalizer"] = {"type": "Lowercase"}
    (tmp_path / "tokenizer.json").write_text(json.dumps(strange), encoding="utf-8")
    special = {"eos_token": "<|im_end|>", "chat_template": CHATML}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(special))
    file.write_bytes(GOOD)

    assert main(["validate", "--tokenizer", str(tmp_path), str(file)], NOWHERE) == 0
    assert "tokens were counted slowly: " in capsys.readouterr().out
