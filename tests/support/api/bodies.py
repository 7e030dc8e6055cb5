"""What each route that wants a body is sent."""

from typing import Any

from brightrun.training.catalog_document import shipped_document
from tests.support.factories import DATASET_ID

ORDER: dict[str, Any] = {
    "dataset_id": DATASET_ID,
    "gpu_config": {"type": "A100-80GB", "count": 1},
}
ERASE = {"confirm": "erase everything"}
# a body for each route that wants one, so that nothing is refused before the record is looked for
BODIES: dict[str, Any] = {
    "POST /api/datasets": {"name": "n", "file_name": "f.jsonl", "file_size": 1},
    "POST /api/datasets/import-from-training-file": {"training_file_id": "none"},
    "POST /api/training-files": {"name": "n", "jsonl": {"file_name": "f", "file_size": 1}},
    "PATCH /api/datasets/<dataset_id>": {"name": "theirs"},
    "POST /api/jobs": ORDER,
    "POST /api/jobs/estimate": ORDER,
    "PATCH /api/models/<model_id>": {"name": "theirs"},
    "PATCH /api/jobs/<job_id>": {"name": "theirs"},
    "POST /api/api-keys": {"name": "n"},
    "POST /api/me/erase": ERASE,
    "POST /api/admin/users/<user_id>/erase": ERASE,
    "PUT /api/admin/catalog": {"document": shipped_document().model_dump(mode="json")},
    "PUT /api/admin/users/<user_id>/limits": {"monthly_limit_usd": 5},
}
