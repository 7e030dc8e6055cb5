"""`brightrun models`: against the real API and storage in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from brightrun.runtime import Deps
from brightrun.training.protocol import Comparison
from tests.support.api.client_wires import Storage
from tests.support.api.stored_models import FILES, stored_model
from tests.support.factories import MODEL_ID

Run = Callable[..., int]
Out = pytest.CaptureFixture[str]
BETTER = Comparison(
    rows=12, tokens=800, base_loss=2.31, adapter_loss=1.48, difference=-0.83,
    difference_low=-0.97, difference_high=-0.71, verdict="better",
)  # fmt: skip


@pytest.fixture(autouse=True)
def model(deps: Deps) -> None:
    stored_model(deps, comparison=BETTER)


def test_models_are_listed_with_their_verdict(brightrun: Run, capsys: Out) -> None:
    assert brightrun("models", "list") == 0

    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["id", "name", "verdict"]
    assert row.startswith(MODEL_ID)
    assert "better" in row


def test_the_verdict_comes_first_and_the_files_last(brightrun: Run, capsys: Out) -> None:
    assert brightrun("models", "show", "latest") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("held-out loss 2.310 → 1.480 · better than its base model")
    assert any("LoRA" in line and "rank 16" in line for line in lines)
    assert lines[-1].startswith("README.md")


def test_a_model_is_downloaded_verified_and_found_changed(
    brightrun: Run, tmp_path: Path, capsys: Out
) -> None:
    folder = tmp_path / "adapter"
    assert brightrun("models", "download", MODEL_ID, "--to", folder) == 0
    assert f"All verified, in {folder}" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert brightrun("models", "verify", MODEL_ID, "--to", folder) == 0

    (folder / "README.md").write_text("# Another\n")
    capsys.readouterr()
    assert brightrun("models", "verify", MODEL_ID, "--to", folder, "--json") == 1
    faults = {each["name"]: each["fault"] for each in json.loads(capsys.readouterr().out)}
    assert sorted(name for name, fault in faults.items() if fault) == ["README.md"]


def test_one_file_can_be_had_alone(brightrun: Run, storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "adapter"

    assert brightrun("models", "download", "latest", "--to", folder, "--file", "README.md") == 0
    assert storage.received == ["README.md from 0"]


def test_a_storage_that_sends_something_else_exits_4(
    brightrun: Run, deps: Deps, tmp_path: Path, capsys: Out
) -> None:
    key = f"models/ada/{MODEL_ID}/README.md"
    deps.store.client.put_object(Bucket=deps.store.bucket, Key=key, Body=b"# A mod3l\n")

    assert brightrun("models", "download", MODEL_ID, "--to", tmp_path / "adapter") == 4
    assert "is not the file that was declared" in capsys.readouterr().err


def test_the_lines_to_use_it_are_python_and_name_the_folder(
    brightrun: Run, tmp_path: Path, capsys: Out
) -> None:
    assert brightrun("models", "use", "latest", "--to", tmp_path) == 0

    out = capsys.readouterr().out
    python, _, rest = out.partition("## Served by vLLM")
    compile(python, "usage", "exec")
    assert f'folder = "{tmp_path}"' in python
    assert "--max-lora-rank 16" in rest
    assert 'revision="' in python

    assert brightrun("models", "use", "latest", "--base", tmp_path / "base") == 0
    local = capsys.readouterr().out
    assert f'"{tmp_path}/base", dtype' in local
    assert "revision" not in local


def test_the_lines_for_python_alone_are_a_program(
    brightrun: Run, tmp_path: Path, capsys: Out
) -> None:
    assert brightrun("models", "use", "latest", "--to", tmp_path, "--for", "python") == 0

    program = capsys.readouterr().out
    compile(program, "ask.py", "exec")
    assert "##" not in program
    assert "print(" in program


def test_a_model_that_is_not_there_exits_3(brightrun: Run, capsys: Out) -> None:
    assert brightrun("models", "show", "nothing") == 3

    assert "model_not_found" in capsys.readouterr().err
