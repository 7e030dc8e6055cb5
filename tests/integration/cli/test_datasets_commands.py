"""`brightrun datasets`: against the real API, as a shell calls it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from brightrun.cli.main import main
from brightrun.cli.session import Session
from tests.support.api.client_wires import Storage
from tests.support.api.http_calls import Call

Run = Callable[..., int]
GOOD = b'{"prompt":"a","completion":"b"}\n'


def only_id(api: Call) -> str:
    (row,) = api("GET /api/datasets").data["datasets"]
    return str(row["id"])


def test_an_upload_ends_with_its_verdict(
    brightrun: Run, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brightrun("datasets", "upload", file, "--name", "support") == 0

    assert ": ready\n1 training pair" in capsys.readouterr().out


def test_a_file_with_errors_exits_1_and_shows_them(
    brightrun: Run, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(GOOD + b"nope\n")

    assert brightrun("datasets", "upload", file) == 1
    assert "line 2: not_json: " in capsys.readouterr().out


def test_the_same_content_twice_is_told_with_the_existing_id(
    brightrun: Run, api: Call, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brightrun("datasets", "upload", file)

    assert brightrun("datasets", "upload", file) == 0
    assert f"already there: dataset {only_id(api)}" in capsys.readouterr().out


def test_a_broken_upload_says_how_it_goes_on(
    brightrun: Run, api: Call, storage: Storage, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    storage.refuse = lambda _: 409
    assert brightrun("datasets", "upload", file) == 4
    line = f"brightrun datasets upload {file} --resume {only_id(api)}"
    assert line in capsys.readouterr().err
    storage.refuse = lambda _: None

    assert brightrun(*line.split()[1:]) == 0


def test_the_answer_of_the_api_is_printed_as_json(
    brightrun: Run, api: Call, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brightrun("datasets", "upload", file, "--json") == 0
    uploaded = json.loads(capsys.readouterr().out)
    assert brightrun("datasets", "show", uploaded["id"], "--json") == 0
    shown = json.loads(capsys.readouterr().out)

    assert shown == api(f"GET /api/datasets/{uploaded['id']}").data


def test_a_list_fits_any_terminal_and_never_breaks_an_id(
    session: Session, api: Call, file: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    main(["datasets", "upload", str(file), "--name", "a name that is rather long " * 3], session)
    capsys.readouterr()

    for columns in (40, 60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main(["datasets", "list"], session) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= columns
        assert lines[1].split()[0] == only_id(api)
        assert ("status" in lines[0]) is (columns >= 60)


def test_problems_are_shown_by_line_and_filtered_by_code(
    brightrun: Run, api: Call, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(GOOD + b"nope\n[]\n")
    brightrun("datasets", "upload", file)
    capsys.readouterr()

    assert brightrun("datasets", "errors", only_id(api), "--code", "not_object") == 0
    out = capsys.readouterr().out
    assert out.startswith("line 3: not_object: ")
    assert "line 2" not in out
    assert "not_json 1" in out


def test_rows_are_previewed_and_accounted_for(
    brightrun: Run, api: Call, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(GOOD + b"nope\n")
    brightrun("datasets", "upload", file)
    capsys.readouterr()

    assert brightrun("datasets", "preview", only_id(api), "--row", "1") == 0
    assert capsys.readouterr().out.startswith("line 1: trained")
    assert brightrun("datasets", "ledger", only_id(api), "--outcome", "rejected") == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["line", "outcome", "reason"]
    assert row.split()[:3] == ["2", "rejected", "not_json"]


def test_a_deleted_dataset_is_gone(
    brightrun: Run, api: Call, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brightrun("datasets", "upload", file)
    dataset_id = only_id(api)

    assert brightrun("datasets", "delete", dataset_id) == 0
    assert api("GET /api/datasets").data["datasets"] == []
    assert brightrun("datasets", "show", dataset_id) == 3
    assert "was not found (dataset_not_found)" in capsys.readouterr().err


def test_what_the_library_has_is_listed_and_imported(
    brightrun: Run, api: Call, storage: Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    new = {
        "name": "Letters", "conversation_count": 1, "total_training_pairs": 1,
        "jsonl": {"file_name": "letters.jsonl", "file_size": len(GOOD)},
    }  # fmt: skip
    made = api("POST /api/training-files", new).data
    key = made["training_file"]["jsonl"]["key"]
    storage.deps.store.client.put_object(Bucket="storage", Key=key, Body=GOOD)

    assert brightrun("datasets", "import") == 0
    file_id = made["training_file"]["id"]
    assert file_id in capsys.readouterr().out
    assert brightrun("datasets", "import", file_id) == 0
    assert ": ready" in capsys.readouterr().out
    assert brightrun("datasets", "import", file_id) == 3
    assert "already exists" in capsys.readouterr().err


def test_without_a_key_nothing_is_asked(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = Session({}, tmp_path / "none.toml")

    assert main(["datasets", "upload", str(file)], nowhere) == 2
    assert "brightrun login" in capsys.readouterr().err


def test_a_key_is_no_argument(brightrun: Run, file: Path) -> None:
    assert brightrun("datasets", "upload", file, "--key", "secret") == 2
