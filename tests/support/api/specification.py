"""Every field that the platform's own documents name, with its type; typed by hand, the oracle.

A word is `name:type`, with `?` where it may be null: s text, i whole number, n number, b truth
value, t time, l list, o object, m money (a number). What stands here is a subset of an answer.
"""

import re
from datetime import datetime
from typing import Any

DATASET_ROW = """
id:s user_id:s name:s description:s? format:s? status:s storage_bucket:s storage_path:s
file_name:s file_size:i sha256:s? conversations:i total_training_pairs:i skipped_pairs:i
total_validation_pairs:i total_tokens:i token_count_method:s training_ready:b validated_at:t?
error_message:s? created_at:t updated_at:t
"""
DATASET = f"""{DATASET_ROW}
avg_turns_per_conversation:n avg_tokens_per_turn:n token_histogram:l turn_histogram:l
validation_errors:l error_counts:o sample_data:l
"""
PROBLEM = "line:i path:s code:s severity:s message:s hint:s excerpt:s"
JOB = """
id:s user_id:s dataset_id:s preset_id:s name:s base_model:s base_model_revision:s
hyperparameters:o gpu_config:o status:s current_stage:s progress:n current_epoch:n total_epochs:i
current_step:i total_steps:i current_metrics:o? queued_at:t started_at:t? completed_at:t?
estimated_completion_at:t? estimated_total_cost:m current_cost:m final_cost:m? max_cost:m?
error_code:s? error_message:s? retry_count:i attempt:i external_job_id:s? endpoint_id:s?
artifact_id:s? created_at:t updated_at:t paused_at:t? checkpoint_expires_at:t? delivered_step:i?
"""
JOBS_DATASET = "name:s format:s? total_training_pairs:i"
GPU_CONFIG = "type:s count:i"
HYPERPARAMETERS = "learning_rate:n batch_size:i epochs:i rank:i alpha:i dropout:n"
POINT = """
step:i epoch:n timestamp:t training_loss:n? validation_loss:n? learning_rate:n? gradient_norm:n?
throughput:n? gpu_utilization:n? gpu_memory_gb:n?
"""
"""`job_id` is the path's: each point of an answer is of one job."""
EVENT = "job_id:s time:t level:s type:s message:s data:o"
PHASE = "stage:s attempt:i started_at:t seconds:n cost:m?"
ATTEMPT = "number:i resumed_from_step:i?"
MODEL_ROW = """
id:s user_id:s job_id:s dataset_id:s name:s version:s status:s base_model:s
base_model_revision:s quality_metrics:o training_summary:o comparison:o? parent_model_id:s?
created_at:t updated_at:t
"""
MODEL = f"{MODEL_ROW} configuration:o artifacts:o manifest:l"
MODELS_DATASET = "id:s name:s total_training_pairs:i total_tokens:i"
MODELS_JOB = """
id:s preset_id:s hyperparameters:o gpu_config:o created_at:t queued_at:t started_at:t?
completed_at:t? estimated_total_cost:m final_cost:m?
"""
QUALITY = """
overall_score:i convergence_quality:s final_training_loss:n? final_validation_loss:n?
perplexity:n? loss_improvement:n? reason:s
"""
SUMMARY = """
epochs_completed:n total_steps:i final_loss:n? training_duration_hours:n total_cost:m
estimated_cost:m
"""
STORED_FILE = "name:s size_bytes:i sha256:s"
COST = """
id:s user_id:s job_id:s cost_type:s amount:m details:o billing_period:s recorded_at:t
job_name:s? job_status:s?
"""
COST_DETAILS = "gpu_type:s? gpu_count:i? duration_hours:n? hourly_rate:n?"
COSTS = "total_cost:m cost_by_type:o chart_data:l records:l"
NOTIFICATION = """
id:s user_id:s type:s title:s message:s priority:s read:b action_url:s metadata:o created_at:t
"""
TRAINING_FILE = """
id:s name:s description:s? jsonl:o json_file:o? conversation_count:i total_training_pairs:i
quality_scores:o status:s created_at:t
"""
PAGINATION = "page:i limit:i total:i totalPages:i cursor:s?"
ESTIMATE = """
estimated_cost:m cost_breakdown:o estimated_duration_hours:n hourly_rate:m training_details:o
basis:s memory_fit:o default_max_cost:m worst_case_cost:m warnings:l
"""
TRAINING_DETAILS = """
total_steps:i steps_per_epoch:i estimated_throughput_tokens_per_sec:n dataset_name:s
"""
MODEL_DOWNLOAD = """
model_id:s model_name:s download_urls:o expires_at:t expires_in_seconds:i
"""
GPU = """
type:s name:s tagline:s hourly_rate:m tokens_per_second:i memory_gb:i effective_from:s available:b
trainable:b
"""
PRESET = "preset_id:s name:s description:s tagline:s hyperparameters:o"
API_KEY = "id:s name:s hint:s created_at:t last_used_at:t? revoked_at:t?"
CONFIG = "user_pool_id:s user_pool_client_id:s region:s"
ME = "user_id:s email:s? groups:l"
HEALTH = "status:s stage:s table:b bucket:b functions:o"
OVERVIEW = """
users:i datasets:o jobs:o models:o failures:o quality:o storage_bytes:o spent_this_month:m
calibration:l
"""
USER_ROW = "user_id:s datasets:o jobs:o models:o spent_this_month:m"
LIMITS = "month:s monthly_limit:m? spent:m committed:m remaining:m?"

_TYPES: dict[str, tuple[type, ...]] = {
    "s": (str,), "t": (str,), "i": (int,), "n": (int, float), "m": (int, float), "b": (bool,),
    "l": (list,), "o": (dict,),
}  # fmt: skip


def _is(kind: str, value: Any) -> bool:
    """Whether a value is of a kind; a truth value is no number, and a time has a zone."""
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "b"):
        return False
    return kind != "t" or datetime.fromisoformat(str(value)).tzinfo is not None


def differences(answer: dict[str, Any], documented: str) -> list[str]:
    """Return every documented field that an answer lacks, or that is of another type."""
    words = documented.split()
    assert all(re.fullmatch(r"\w+:[sinbtlom]\??", word) for word in words)
    wrong = []
    for word in words:
        name, kind = word.removesuffix("?").split(":")
        if name not in answer:
            wrong.append(f"{name} is missing")
        elif answer[name] is None:
            wrong += [] if word.endswith("?") else [f"{name} is null"]
        elif not _is(kind, answer[name]):
            wrong.append(f"{name} is {answer[name]!r}, not {kind}")
    return wrong
