"""What the platform's own documents promise of every answer, held against one life of a model.

The same promises wherever the API answers: in this process, or on a deployed stack.
"""

import re
from collections.abc import Callable
from typing import Any, Protocol

from tests.support.api import specification as spec
from tests.support.api.http_calls import Answer

ROWS_OF_THE_DATASET = 40
METADATA = {
    "dataset_ready": {"dataset_id", "dataset_name"},
    "job_started": {"job_id", "dataset_name"},
    "artifact_ready": {"job_id", "dataset_name", "artifact_id"},
}


class Life(Protocol):
    """One dataset, one job and one model, made by the real functions; and whoever asks of them."""

    user_id: str
    dataset: str
    job: str
    model: str

    def call(
        self, route: str, body: object = None, query: Any = None, *, admin: bool = False
    ) -> Answer:
        """Return what the owner is answered, or an administrator."""


def _agree(documented: str, *answers: dict[str, Any]) -> None:
    assert answers, documented
    assert [spec.differences(each, documented) for each in answers] == [[]] * len(answers)


def datasets(life: Life) -> None:
    """The list, the page, the report."""
    page = life.call("GET /api/datasets").data
    shown = life.call(f"GET /api/datasets/{life.dataset}").data

    _agree(spec.DATASET_ROW, page["datasets"][0])
    _agree(spec.PAGINATION, page["pagination"])
    assert set(page["counts"]) == {"uploading", "validating", "ready", "error"}
    _agree(spec.DATASET, shown)
    assert all(isinstance(sample, dict) for sample in shown["sample_data"])
    assert len(shown["sample_data"]) == 3
    errors = life.call(f"GET /api/datasets/{life.dataset}/errors").data
    assert all(spec.differences(each, spec.PROBLEM) == [] for each in errors["problems"])


def an_estimate(life: Life) -> None:
    """Price, parts, what it stands on."""
    order = {"dataset_id": life.dataset, "gpu_config": {"type": "A100-80GB", "count": 1}}
    priced = life.call("POST /api/jobs/estimate", order).data

    _agree(spec.ESTIMATE, priced)
    _agree("compute:m storage:m", priced["cost_breakdown"])
    _agree(spec.TRAINING_DETAILS, priced["training_details"])


def a_job_and_what_is_told_of_it(life: Life) -> None:
    """The page with curve, costs, story, stages and attempts."""
    page = life.call(f"GET /api/jobs/{life.job}").data
    job = page["job"]

    assert job["status"] == "completed"
    _agree(spec.JOB, job)
    _agree(spec.JOBS_DATASET, job["dataset"])
    _agree(spec.GPU_CONFIG, job["gpu_config"])
    _agree(spec.HYPERPARAMETERS, job["hyperparameters"])
    _agree(spec.POINT, job["current_metrics"])
    for name, documented in {
        "metrics": spec.POINT, "cost_records": spec.COST, "events": spec.EVENT,
        "phases": spec.PHASE, "attempts": spec.ATTEMPT,
    }.items():  # fmt: skip
        _agree(documented, *page[name])


def lists_of_jobs_and_their_log(life: Life) -> None:
    """The list and the log."""
    page = life.call("GET /api/jobs").data
    log = life.call(f"GET /api/jobs/{life.job}/logs").data

    _agree(spec.JOB, page["jobs"][0])
    _agree(spec.PAGINATION, page["pagination"])
    assert page["pagination"]["limit"] == 10
    _agree(spec.EVENT, log["events"][0])


def models(life: Life) -> None:
    """The list and the page."""
    page = life.call("GET /api/models").data
    model = life.call(f"GET /api/models/{life.model}").data

    _agree(spec.MODEL_ROW, page["models"][0])
    assert page["pagination"]["limit"] == 12
    _agree(spec.MODEL, model)
    _agree(spec.MODELS_DATASET, model["dataset"])
    _agree(spec.MODELS_JOB, model["job"])
    _agree(spec.QUALITY, model["quality_metrics"])
    _agree(spec.SUMMARY, model["training_summary"])
    _agree("preset_id:s hyperparameters:o gpu_config:o", model["configuration"])
    _agree(spec.STORED_FILE, *model["manifest"])
    assert len(model["manifest"]) == 6
    assert set(model["artifacts"]) == {file["name"] for file in model["manifest"]}
    assert model["version"] == "1.0.0"
    assert re.fullmatch(r"Letters - \d{4}-\d{2}-\d{2}.*", model["name"])


def a_models_download(life: Life) -> None:
    """URLs, and until when they hold: an hour, or as long as whoever signs is signed in."""
    links = life.call(f"POST /api/models/{life.model}/download").data

    _agree(spec.MODEL_DOWNLOAD, links)
    assert 3000 <= links["expires_in_seconds"] <= 3600


def costs(life: Life) -> None:
    """Sums and records."""
    answer = life.call("GET /api/costs").data

    _agree(spec.COSTS, answer)
    assert set(answer["cost_by_type"]) == {"training_compute", "storage", "evaluation", "transfer"}
    _agree("date:s amount:m", answer["chart_data"][0])
    _agree(spec.COST, *answer["records"])
    _agree(spec.COST_DETAILS, *(record["details"] for record in answer["records"]))
    assert all(None not in {r["job_name"], r["job_status"]} for r in answer["records"])


def notifications_say_what_the_table_says(life: Life) -> None:
    """Type, title, priority, and what programs read of them."""
    told = life.call("GET /api/notifications").data
    titles = {note["type"]: (note["priority"], note["title"]) for note in told["notifications"]}

    _agree(spec.NOTIFICATION, *told["notifications"])
    assert titles == {
        "dataset_ready": ("medium", "Dataset Ready"),
        "job_queued": ("low", "Training Job Queued"),
        "job_started": ("medium", "Training Started"),
        "job_completed": ("high", "Training Complete"),
        "artifact_ready": ("high", "Model Ready for Download"),
    }
    metadata = {note["type"]: set(note["metadata"]) for note in told["notifications"]}
    assert {kind: metadata[kind] for kind in METADATA} == METADATA


def the_library_keys_and_what_can_be_chosen(life: Life) -> None:
    """Training files, API keys, the catalogue."""
    file = {"name": "t", "jsonl": {"file_name": "t", "file_size": 1}}
    made = life.call("POST /api/training-files", file).data["training_file"]
    life.call("POST /api/api-keys", {"name": "ci"})
    catalog = life.call("GET /api/catalog").data

    _agree(spec.TRAINING_FILE, made)
    _agree(spec.API_KEY, *life.call("GET /api/api-keys").data["api_keys"])
    assert (len(catalog["gpu_types"]), len(catalog["presets"])) == (4, 3)
    _agree(spec.GPU, *catalog["gpu_types"])
    _agree(spec.PRESET, *catalog["presets"])


def single_answers(life: Life) -> None:
    """What stands alone: configuration, identity, health, limits."""
    for route, documented in {
        "GET /api/config": spec.CONFIG,
        "GET /api/me": spec.ME,
        "GET /api/health": spec.HEALTH,
        "GET /api/limits": spec.LIMITS,
    }.items():
        _agree(documented, life.call(route).data)


def the_administrators_pages(life: Life) -> None:
    """The overview, every user, their limits, the watchdog, what nobody could read."""
    users = life.call("GET /api/admin/users", admin=True).data["users"]

    _agree(spec.USER_ROW, *users)
    assert life.user_id in {user["user_id"] for user in users}
    _agree(spec.OVERVIEW, life.call("GET /api/admin/overview", admin=True).data)
    limits = f"GET /api/admin/users/{life.user_id}/limits"
    _agree(spec.LIMITS, life.call(limits, admin=True).data)
    assert life.call("GET /api/admin/watchdog", admin=True).status == 200
    assert life.call("GET /api/admin/unreadable", admin=True).data["items"] == []


PROMISES: tuple[Callable[[Life], None], ...] = (
    datasets,
    an_estimate,
    a_job_and_what_is_told_of_it,
    lists_of_jobs_and_their_log,
    models,
    a_models_download,
    costs,
    notifications_say_what_the_table_says,
    the_library_keys_and_what_can_be_chosen,
    single_answers,
    the_administrators_pages,
)
