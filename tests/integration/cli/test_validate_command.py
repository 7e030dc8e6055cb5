"""`brightrun validate`: the report of the API, and an exit status for scripts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from brightrun.cli.main import main
from brightrun.cli.session import Session
from brightrun.datasets.validation.validator import validate
from tests.support.datasets.chat_models import CHATML, tokenizer_json

GOOD = b'{"prompt":"a","completion":"b"}\n'
NOWHERE = Session({}, Path("nowhere") / "config.toml")
"""No stage is configured."""


def test_a_good_file_exits_0(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(GOOD)

    assert main(["validate", str(file)], NOWHERE) == 0
    assert "Ready to train." in capsys.readouterr().out


def test_a_bad_file_exits_1_and_tells_the_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(GOOD + b"[bold]nope[/bold]\n")

    assert main(["validate", str(file)], NOWHERE) == 1
    out = capsys.readouterr().out
    assert "not_json" in out
    assert "Not ready: 1 error; first: line 2" in out


def test_the_json_is_the_verdict_and_the_report_of_the_api(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(GOOD + b"{}\n" + GOOD)
    outcome = validate([file.read_bytes()])

    assert main(["validate", "--json", str(file)], NOWHERE) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == outcome.verdict.model_dump(mode="json")
    assert told["report"] == [each.model_dump(mode="json") for each in outcome.report]


def test_a_tokenizer_counts_exactly(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(GOOD)
    (tmp_path / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text('{"eos_token":"<|im_end|>"}', encoding="utf-8")
    (tmp_path / "chat_template.jinja").write_text(CHATML, encoding="utf-8")

    assert main(["validate", "--json", "--tokenizer", str(tmp_path), str(file)], NOWHERE) == 0
    statistics = json.loads(capsys.readouterr().out)["verdict"]["statistics"]
    assert statistics["token_count_method"] == "tokenizer"
    # the answer "b" and the end of the turn
    assert statistics["trained_tokens"] == 2


def test_the_ledger_says_what_became_of_each_row(file: Path, tmp_path: Path) -> None:
    file.write_bytes(GOOD.replace(b"{", b'{"conversation_id":"c1",') + b"\nnope\n")
    target = tmp_path / "ledger.jsonl"

    assert main(["validate", "--outcomes", str(target), str(file)], NOWHERE) == 1
    # "a", a line end and "b" are 3 characters, and each turn has a frame of 5 tokens
    assert [json.loads(line) for line in target.read_text().splitlines()] == [
        {
            "line": 1,
            "conversation_id": "c1",
            "fate": "trained",
            "reason": "",
            "pairs": 1,
            "tokens": 10,
            "trained_tokens": 1,
            "truncated": False,
        },
        {
            "line": 3,
            "conversation_id": None,
            "fate": "rejected",
            "reason": "not_json",
            "pairs": 0,
            "tokens": 0,
            "trained_tokens": 0,
            "truncated": False,
        },
    ]


BRIGHTRUN = (
    sys.executable,
    "-c",
    "import sys; from brightrun.cli.main import main; sys.exit(main())",
)
HISTOGRAM = b'{"prompt":"caf\xc3\xa9 \xe4\xbd\xa0\xe5\xa5\xbd","completion":"\xf0\x9f\x98\x80"}\n'


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "cp850", "utf-8"])
@pytest.mark.parametrize(("content", "status"), [(HISTOGRAM, 0), (HISTOGRAM + b"\xc3\xa9{\n", 1)])
def test_the_report_is_written_on_any_console_and_the_status_is_the_files(
    file: Path, encoding: str, content: bytes, status: int, *, as_json: bool
) -> None:
    file.write_bytes(content)
    command = [*BRIGHTRUN, "validate", str(file)]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    ended = subprocess.run(  # noqa: S603 - our own module
        [*command, *["--json"] * as_json], env=environment, capture_output=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (status, b"")
    shown = ended.stdout.decode(encoding)
    if as_json:
        assert json.loads(shown)["verdict"]["statistics"]["trained_rows"] == 1
    else:
        assert ("Ready to train." in shown) is (status == 0)


def test_a_reader_that_goes_away_changes_no_status(file: Path) -> None:
    file.write_bytes(GOOD)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        ended = subprocess.run(  # noqa: S603 - our own module
            [*BRIGHTRUN, "validate", "--json", str(file)],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_over_long_rows_are_shortened_where_asked(file: Path, tmp_path: Path) -> None:
    special = {"eos_token": "<|im_end|>", "chat_template": CHATML}
    (tmp_path / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(special))
    asked = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    file.write_bytes(json.dumps({"messages": asked * 9}).encode())
    target = tmp_path / "ledger.jsonl"
    limited = ["validate", "--tokenizer", str(tmp_path), "--max-sequence-tokens", "60", str(file)]

    assert main(limited, NOWHERE) == 1
    assert main([*limited, "--over-length", "truncate", "--ledger", str(target)], NOWHERE) == 0
    (row,) = (json.loads(line) for line in target.read_text().splitlines())
    assert (row["fate"], row["truncated"], row["tokens"] <= 60) == ("trained", True, True)


def test_a_missing_file_or_a_useless_tokenizer_exits_2(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(tmp_path / "none.jsonl")], NOWHERE) == 2
    assert "No such file" in capsys.readouterr().err
    file.write_bytes(GOOD)
    assert main(["validate", "--tokenizer", str(tmp_path), str(file)], NOWHERE) == 2
    (tmp_path / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    assert main(["validate", "--tokenizer", str(tmp_path), str(file)], NOWHERE) == 2
    assert "chat_template_missing" in capsys.readouterr().err


def test_a_waived_error_does_not_fail(file: Path) -> None:
    file.write_bytes(GOOD.replace(b"b", b"AKIA" + b"Q2W3E4R5T6Y7U8I9"))

    assert main(["validate", str(file)], NOWHERE) == 1
    assert main(["validate", "--waive", "secret_suspect", str(file)], NOWHERE) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["validate"],
        ["validate", "f", "--waive", "x"],
        ["validate", "f", "--over-length", "x"],
        ["nothing"],
    ],
)
def test_a_wrong_command_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2

    assert "Usage: brightrun" in "".join(capsys.readouterr())
