"""Examples for the API's description: written by hand where it matters, else made of the schema."""

from collections.abc import Mapping
from typing import Any

_ID = "0199f3a2-7c4e-7b1d-9a60-52c1e8d0f4b7"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_DEEPEST_LIST = 3
"""Lists further down are shown empty: an example is to be read."""

REQUESTS: dict[str, Any] = {
    "NewDataset": {"name": "Bakery chats", "file_name": "bakery.jsonl", "file_size": 48213},
    "NewTrainingFile": {
        "name": "Bakery chats",
        "jsonl": {"file_name": "bakery.jsonl", "file_size": 48213},
    },
    "EstimateRequest": {
        "dataset_id": _ID,
        "preset_id": "balanced",
        "gpu_config": {"type": "A100-80GB", "count": 1},
    },
    "CreateJobRequest": {
        "dataset_id": _ID,
        "preset_id": "balanced",
        "gpu_config": {"type": "A100-80GB", "count": 1},
        "hyperparameters": {"epochs": 2},
        "max_cost": 20,
    },
    "ChangeJobRequest": {"max_cost": 40, "resume": True},
    "RetryRequest": {"from": "checkpoint"},
    "CloneRequest": {"overrides": {"hyperparameters": {"epochs": 5}}},
    "DatasetEdit": {"name": "Bakery chats, corrected"},
    "ModelEdit": {"name": "Bakery voice"},
    "DownloadRequest": {"files": ["adapter_model.safetensors"]},
    "DeliveryChange": {"email": True, "webhook_url": "https://example.com/hooks/brightrun"},
    "NewApiKey": {"name": "laptop", "scopes": ["read"], "expires_in_days": 90},
    "EraseRequest": {"confirm": "erase everything"},
    "PurgeRequest": {"ids": [_ID]},
    "PushRequest": {
        "document": {"gpus": ["..."], "base_models": ["..."], "presets": {"fast": "..."}}
    },
    "LimitChange": {"monthly_limit_usd": 250},
    "CompleteRequest": {
        "name": "adapter_model.safetensors",
        "size_bytes": 73400320,
        "sha256": _SHA256,
        "kind": "artifact",
        "part_size_bytes": 67108864,
        "parts": [_SHA256, _SHA256],
        "upload_id": "2~kT9mZ",
    },
    "FinishRequest": {
        "outcome": "failed",
        "execution_seconds": 412.5,
        "error": {"code": "out_of_memory", "message": "Two rows of 8,192 tokens do not fit"},
    },
}
"""By class; of every other request the fields that must be there."""

_BY_NAME: dict[str, Any] = {
    "action_url": "/jobs",
    "attempt": 1,
    "base_model": "Qwen/Qwen3-8B",
    "base_model_revision": "b968826d9c46dd6066d109eabc6255188de91218",
    "cognito_endpoint": "https://cognito-idp.us-east-1.amazonaws.com",
    "current_cost": 3.2,
    "current_epoch": 1.2,
    "current_step": 120,
    "cursor": "eyJrIjoiYTEifQ",
    "email": "ada@example.com",
    "file_name": "bakery.jsonl",
    "file_size": 48213,
    "gpu_name": "NVIDIA A100-SXM4-80GB",
    "gpu_type": "A100-80GB",
    "image_version": "1.4.0",
    "hourly_rate": 1.89,
    "hourly_rate_usd": 1.89,
    "hint": "x7Qz",
    "line": 17,
    "month": "2026-11",
    "name": "Bakery chats",
    "progress": 42.5,
    "progress_percent": 42.5,
    "region": "us-east-1",
    "revision": "b968826d9c46dd6066d109eabc6255188de91218",
    "secret": "brk_shown-this-once",
    "size_bytes": 48213,
    "status_code": 204,
    "total_steps": 300,
    "total_tokens": 200000,
    "total_training_pairs": 1000,
    "training_loss": 1.31,
    "type": "A100-80GB",
    "url": "https://storage.example.com/signed",
    "user_pool_client_id": "4h57kexamplek2v",
    "user_pool_id": "us-east-1_AbCdEfGhI",
    "validation_loss": 1.38,
    "webhook_endpoint_id": None,
    "webhook_url": "https://example.com/hooks/brightrun",
}


def example_of(
    schema: dict[str, Any], schemas: dict[str, Any], known: Mapping[str, Any], *, whole: bool
) -> Any:  # noqa: ANN401 - any JSON
    """Return a value that a schema takes.

    Args:
        known: examples written by hand, by class.
        whole: with every field; otherwise with those that must be there.
    """
    return _Examples(schemas, known, whole=whole).of(schema, "", 0)


class _Examples:
    def __init__(self, schemas: dict[str, Any], known: Mapping[str, Any], *, whole: bool) -> None:
        self._schemas = schemas
        self._known = known
        self._whole = whole

    def of(self, schema: dict[str, Any], name: str, depth: int) -> Any:  # noqa: ANN401 - any JSON
        """Return an example of a schema, which may refer to another."""
        if "$ref" in schema:
            named = schema["$ref"].rpartition("/")[2]
            return self._known.get(named) or self.of(self._schemas[named], name, depth)
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0], name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("default"):
            return schema["default"]
        return self._plain(schema, name, depth)

    def _plain(self, schema: dict[str, Any], name: str, depth: int) -> Any:  # noqa: ANN401 - any JSON
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "boolean":
                return schema.get("default", True)
            case "integer" | "number":
                return _number(schema, name)
            case "string":
                return _string(schema, name)
            case _:
                return None

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        fields = schema.get("properties", {})
        shown = fields if self._whole else schema.get("required", [])
        return {name: self.of(fields[name], name, depth + 1) for name in shown}

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        if depth > _DEEPEST_LIST and not schema.get("minItems"):
            return []
        if "prefixItems" in schema:
            return [self.of(item, name, depth + 1) for item in schema["prefixItems"]]
        return [self.of(schema["items"], name.removesuffix("s"), depth + 1)]


def _number(schema: dict[str, Any], name: str) -> float:
    """Return a number within its limits; whole where it must be."""
    chosen: float = _BY_NAME.get(name, 1)
    low, high = schema.get("minimum", chosen), schema.get("maximum", chosen)
    within = min(max(chosen, low), high)
    return int(within) if schema["type"] == "integer" else within


def _string(schema: dict[str, Any], name: str) -> str:
    pattern = schema.get("pattern", "")
    if "0-9a-f]{64}" in pattern:
        return f"{_SHA256}-2" if "-[1-9]" in pattern else _SHA256
    if name in {"name", "file"} and "._-]" in pattern:
        return "adapter_model.safetensors"
    formats = {"date-time": "2026-11-20T12:00:00.000000Z", "date": "2026-11-20"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    if name == "id" or name.endswith("_id"):
        return _ID
    if name == "sha256":
        return _SHA256
    return str(_BY_NAME.get(name, name or "text"))
