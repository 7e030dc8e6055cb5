"""Examples of `/v1`, by class: the objects as OpenAI's clients print them."""

from typing import Any

_DIGITS = "0199f3a27c4e7b1d9a6052c1e8d0f4b7"
_JOB, _FILE = f"ftjob-{_DIGITS}", f"file-{_DIGITS}"
_TUNED = f"ft:qwen3-8b:personal:bakery:{_DIGITS}"
_NUMBERS = {"n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": 1.0}
_AT = 1795435200
_WEBHOOK = {
    "id": f"whe_{_DIGITS}",
    "object": "webhook_endpoint",
    "created_at": _AT,
    "updated_at": _AT,
    "name": "jobs",
    "url": "https://example.com/hooks",
    "event_types": ["fine_tuning.job.succeeded"],
    "signing_secret_hint": "whsec_...xQzK",
}
_FILE_OBJECT = {
    "id": _FILE,
    "object": "file",
    "bytes": 48213,
    "created_at": _AT,
    "filename": "bakery.jsonl",
    "purpose": "fine-tune",
    "status": "processed",
    "status_details": None,
    "expires_at": None,
}

V1_EXAMPLES: dict[str, Any] = {
    "File": _FILE_OBJECT,
    "NewUpload": {
        "bytes": 73400320,
        "filename": "bakery.jsonl",
        "mime_type": "application/jsonl",
        "purpose": "fine-tune",
    },
    "Upload": {
        "id": f"upload_{_DIGITS}",
        "object": "upload",
        "bytes": 48213,
        "created_at": _AT,
        "expires_at": _AT + 86400,
        "filename": "bakery.jsonl",
        "purpose": "fine-tune",
        "status": "completed",
        "file": _FILE_OBJECT,
    },
    "UploadPart": {
        "id": f"part_{_DIGITS}",
        "object": "upload.part",
        "created_at": _AT,
        "upload_id": f"upload_{_DIGITS}",
    },
    "Completion": {"part_ids": [f"part_{_DIGITS}"]},
    "FineTuningRequest": {
        "model": "qwen3-8b",
        "training_file": _FILE,
        "suffix": "bakery",
        "method": {
            "type": "supervised",
            "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": "auto"}},
        },
        "tuning": {"max_cost_usd": 5},
    },
    "FineTuningJob": {
        "id": _JOB,
        "object": "fine_tuning.job",
        "created_at": _AT,
        "finished_at": None,
        "model": "qwen3-8b",
        "fine_tuned_model": None,
        "organization_id": "org-ada",
        "status": "running",
        "training_file": _FILE,
        "validation_file": None,
        "hyperparameters": _NUMBERS,
        "trained_tokens": None,
        "result_files": [],
        "seed": 42,
        "error": None,
        "estimated_finish": _AT + 1800,
        "integrations": [],
        "metadata": {},
        "method": {"type": "supervised", "supervised": {"hyperparameters": _NUMBERS}},
        "tuning": {
            "preset": "balanced",
            "gpu": "A100-80GB",
            "gpu_count": 1,
            "rank": 16,
            "max_cost_usd": 5.0,
            "estimated_cost_usd": 1.71,
            "cost_usd": 0.42,
            "stage": "training",
            "progress": 42.5,
            "stop_requested": None,
        },
    },
    "Event": {
        "id": f"ftevent-{_DIGITS}",
        "object": "fine_tuning.job.event",
        "created_at": _AT,
        "level": "info",
        "message": "Step 10/100: training loss=0.40",
        "type": "metrics",
        "data": {"step": 10, "total_steps": 100, "train_loss": 0.4},
    },
    "Checkpoint": {
        "id": f"ftckpt_{_DIGITS}",
        "object": "fine_tuning.job.checkpoint",
        "created_at": _AT,
        "fine_tuning_job_id": _JOB,
        "fine_tuned_model_checkpoint": f"{_TUNED}:ckpt-step-60",
        "step_number": 60,
        "metrics": {"step": 60.0, "train_loss": 0.41, "valid_loss": 0.52, "full_valid_loss": 0.52},
    },
    "Model": {"id": _TUNED, "object": "model", "created": _AT, "owned_by": "org-ada"},
    "DeletedFile": {"id": _FILE, "object": "file", "deleted": True},
    "DeletedModel": {"id": _TUNED, "object": "model", "deleted": True},
    "NewEndpoint": {name: _WEBHOOK[name] for name in ("name", "url", "event_types")},
    "EndpointChange": {"url": "https://example.com/other"},
    "WebhookEndpoint": _WEBHOOK,
    "WebhookEndpointWithSecret": _WEBHOOK | {"signing_secret": "whsec_shown-this-once"},
    "Rotation": {"keep_old_secret_active_for_24_hours": True},
    "SampleRequest": {"event_type": "fine_tuning.job.succeeded"},
    "WebhookTest": {
        "object": "webhook_endpoint.test",
        "webhook_endpoint_id": f"whe_{_DIGITS}",
        "event_type": "fine_tuning.job.succeeded",
        "status_code": 204,
        "success": True,
    },
}
"""Of every other class an example is made of its schema."""
