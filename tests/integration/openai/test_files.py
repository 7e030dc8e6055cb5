"""`client.files`: every call, and what is refused in which words.

Covers: openai.result_file.
"""

import io

import openai
import pytest

from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.places import place_of_point
from brightrun.ports.dynamodb.table import all_records
from brightrun.ports.dynamodb.writes import commit, put, put_new
from brightrun.runtime import Deps
from brightrun.training.protocol import Point
from tests.support.api.http_calls import Call
from tests.support.factories import ADA, DATASET_ID, NOON, a_dataset
from tests.support.openai.client import Wire, a_client
from tests.support.ordered_jobs import stored_job

LINE = b'{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Yes"}]}\n'


def sent(client: openai.OpenAI, body: bytes = LINE, name: str = "bakery.jsonl"):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the client's own type
    return client.files.create(file=(name, io.BytesIO(body)), purpose="fine-tune")


def datasets_of(deps: Deps) -> list[Dataset]:
    return all_records(deps.table, keys.datasets(ADA), Dataset)


def test_a_file_that_was_sent_is_a_dataset_that_is_being_validated(
    client: openai.OpenAI, deps: Deps, api: Call
) -> None:
    file = sent(client)

    (dataset,) = datasets_of(deps)
    assert file.id == "file-" + dataset.id.replace("-", "")
    assert (file.object, file.purpose, file.status) == ("file", "fine-tune", "uploaded")
    assert (file.bytes, file.filename, file.created_at) == (
        len(LINE), "bakery.jsonl", int(NOON.timestamp()),
    )  # fmt: skip
    assert dataset.status is DatasetStatus.VALIDATING
    assert api(f"GET /api/datasets/{dataset.id}").data["file_name"] == "bakery.jsonl"


def test_a_files_bytes_come_back_from_the_store_as_they_were_sent(client: openai.OpenAI) -> None:
    body = LINE * 3 + b"\r\n--not-a-boundary\r\n\r\n"

    file = sent(client, body)

    assert client.files.content(file.id).read() == body


def test_a_file_is_processed_or_in_error_with_the_reason(client: openai.OpenAI, deps: Deps) -> None:
    broken = a_dataset(
        id=f"{DATASET_ID[:-1]}2", status=DatasetStatus.ERROR, error_message="3 lines are no JSON"
    )
    commit(deps.table, [put_new(deps.table, a_dataset()), put_new(deps.table, broken)])
    good_id, bad_id = (f"file-{each.replace('-', '')}" for each in (DATASET_ID, broken.id))

    good, bad = client.files.wait_for_processing(good_id), client.files.retrieve(bad_id)

    assert (good.status, good.status_details) == ("processed", None)
    assert (bad.status, bad.status_details) == ("error", "3 lines are no JSON")


def test_files_are_paged_by_the_last_id_in_either_order(client: openai.OpenAI) -> None:
    made = [sent(client, LINE * n, f"{n}.jsonl").id for n in range(1, 6)]

    newest = [file.id for file in client.files.list(limit=2)]
    oldest = [file.id for file in client.files.list(limit=2, order="asc")]
    first = client.files.list(limit=2)

    assert newest == made[::-1]
    assert oldest == made
    assert (first.has_more, [file.id for file in first.data]) == (True, made[:2:-1])
    assert client.files.list(purpose="batch").data == []


def test_a_deleted_file_is_gone_from_both_apis(
    client: openai.OpenAI, api: Call, dataset: Dataset
) -> None:
    file_id = f"file-{dataset.id.replace('-', '')}"

    gone = client.files.delete(file_id)

    assert (gone.id, gone.object, gone.deleted) == (file_id, "file", True)
    with pytest.raises(openai.NotFoundError) as refused:
        client.files.retrieve(file_id)
    assert refused.value.code == "file_not_found"
    assert f"file {file_id} was not found" in refused.value.message
    assert api(f"GET /api/datasets/{dataset.id}").status == 404


def test_a_file_of_four_mebibytes_passes_and_a_larger_one_hears_what_to_write(
    client: openai.OpenAI, wire: Wire
) -> None:
    most = b"x" * 4 * 1024**2

    assert sent(client, most).bytes == len(most)
    with pytest.raises(openai.APIStatusError) as refused:
        sent(client, most + b"x" * 20_000, "large.jsonl")

    assert (refused.value.status_code, refused.value.code) == (413, "file_too_large")
    assert (
        'client.uploads.upload_file_chunked(file="large.jsonl", mime_type="application/jsonl", '
        'purpose="fine-tune", part_size=4 * 2**20)' in refused.value.message
    )
    assert len(wire.requests) == 2


@pytest.mark.parametrize(
    ("purpose", "more", "param"),
    [
        ("batch", {}, "purpose"),
        (
            "fine-tune",
            {"expires_after": {"anchor": "created_at", "seconds": 3600}},
            "expires_after",
        ),
    ],
)
def test_what_is_not_here_is_refused_by_its_field(
    client: openai.OpenAI, purpose: str, more: dict[str, object], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=("a.jsonl", LINE), purpose=purpose, **more)  # type: ignore[arg-type]

    assert refused.value.param == param


def test_a_file_whose_answer_was_lost_is_stored_once(deps: Deps) -> None:
    wire = Wire(deps, lose_answers=1)

    file = sent(a_client(wire))

    (dataset,) = datasets_of(deps)
    assert file.id.endswith(dataset.id[-12:])
    assert len(wire.requests) == 2


def test_a_completed_jobs_curve_is_a_file_with_openais_and_azures_columns(
    client: openai.OpenAI, deps: Deps
) -> None:
    job = stored_job(deps, status=JobStatus.COMPLETED, completed_at=NOON)
    for step, valid in ((1, None), (2, 0.5)):
        point = Point(step=step, epoch=0, timestamp=NOON, training_loss=1 / step,
                      validation_loss=valid)  # fmt: skip
        commit(deps.table, [put(deps.table, point, place_of_point(job.id, point))])

    (shown,) = client.files.list(purpose="fine-tune-results").data
    text = client.files.content(shown.id).text

    assert text == (
        "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy,"
        "train_mean_token_accuracy,full_valid_loss,full_valid_mean_token_accuracy\n"
        "1,1.0,,,,,,\n2,0.5,,0.5,,,0.5,\n"
    )
    assert shown == client.files.retrieve(shown.id)
    assert (shown.bytes, shown.purpose) == (len(text), "fine-tune-results")
