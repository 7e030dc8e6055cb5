"""Where everything lies in the bucket, in one place. Pure.

datasets/{user}/{dataset}/{file} · models/{user}/{artifact}/{file} ·
training-files/{user}/{file id}/… · staging/{job}/{attempt}/… · reports/{user}/{dataset}/… ·
catalog/{version}.json (what is offered) · base-models/{id}/{revision}/… (tokenizer and chat
template of base models, for counting)
"""

from brightrun.multipart import GIB
from brightrun.training.protocol import StoredFile

COPY_LIMIT_BYTES = 5 * GIB
"""What one PUT or one server-side copy can take; a larger file comes in parts.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""
LARGEST_ARTIFACT_BYTES = 10 * GIB
"""A file of a model that came in parts is read once before it is published, and time is limited."""
LARGEST_CHECKPOINT_BYTES = 6 * LARGEST_ARTIFACT_BYTES
"""Weights and two moments in fp32, where the delivered adapter has bf16: 12 bytes to 2."""
TERMINAL = "terminal.json"
TOKENIZER = "tokenizer.json"
"""The one file without which a base model's tokenizer is not installed."""
BASE_MODELS = "base-models/"
REQUIRED_FILES = (
    "adapter_model.safetensors",
    "adapter_config.json",
    "training_args.json",
    "metrics.csv",
    "README.md",
    "manifest.json",
)
"""A model without one of these does not exist (spec: section 7)."""
ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
"""What a worker other than ours must deliver: without these nothing can be loaded."""


def dataset_key(user_id: str, dataset_id: str, file_name: str) -> str:
    """Return where a dataset's file lies."""
    return f"datasets/{user_id}/{dataset_id}/{file_name}"


def dataset_prefix(user_id: str, dataset_id: str) -> str:
    """Return where a dataset's file lies, and nothing else."""
    return f"datasets/{user_id}/{dataset_id}/"


def training_file_prefix(user_id: str, file_id: str) -> str:
    """Return where the files of an entry of the library lie."""
    return f"training-files/{user_id}/{file_id}/"


def report_prefix(user_id: str, dataset_id: str) -> str:
    """Return where lies what was reported of a dataset."""
    return f"reports/{user_id}/{dataset_id}/"


def user_prefixes(user_id: str) -> tuple[str, ...]:
    """Return where everything of a user lies, but what the workers of their jobs left."""
    rooms = ("datasets", "training-files", "reports", "models")
    return tuple(f"{room}/{user_id}/" for room in rooms)


def dataset_object_name(key: str) -> str:
    """Return the file name at the end of a key."""
    return key.rsplit("/", 1)[-1]


def training_file_key(user_id: str, file_id: str, file_name: str) -> str:
    """Return where a file of the library lies."""
    return f"training-files/{user_id}/{file_id}/{file_name}"


def report_key(user_id: str, dataset_id: str) -> str:
    """Return where the full validation report of a dataset lies, as JSON lines."""
    return f"reports/{user_id}/{dataset_id}/report.jsonl"


def ledger_key(user_id: str, dataset_id: str) -> str:
    """Return where it is told what became of each row of a dataset, as packed JSON lines."""
    return f"reports/{user_id}/{dataset_id}/ledger.jsonl.gz"


CATALOGS = "catalog/"
_DIGITS = 6


def catalog_key(version: int) -> str:
    """Return where a version of the catalogue lies."""
    return f"{CATALOGS}{version:0{_DIGITS}d}.json"


def catalog_version(key: str) -> int | None:
    """Return which version lies under a key; None where the key is none of a catalogue."""
    number = key.removeprefix(CATALOGS).removesuffix(".json")
    is_one = number.isascii() and number.isdecimal()
    return int(number) if is_one and catalog_key(int(number)) == key else None


def model_prefix(user_id: str, artifact_id: str) -> str:
    """Return where a model's files lie."""
    return f"models/{user_id}/{artifact_id}/"


def staging_of_job(job_id: str) -> str:
    """Return where the workers of a job may write."""
    return f"staging/{job_id}/"


def staged(job_id: str, attempt: int, *, checkpoint_step: int | None = None) -> str:
    """Return where one attempt may write: its artifacts, or one of its checkpoints."""
    prefix = f"{staging_of_job(job_id)}{attempt}/"
    return prefix if checkpoint_step is None else f"{prefix}checkpoint-{checkpoint_step}/"


def base_model_prefix(model_id: str, revision: str) -> str:
    """Return where a base model's tokenizer files lie."""
    return f"{BASE_MODELS}{model_id.replace('/', '--')}/{revision}/"


def missing_files(
    manifest: tuple[StoredFile, ...], required: tuple[str, ...] = REQUIRED_FILES
) -> list[str]:
    """Return the required files that a manifest does not have."""
    names = {file.name for file in manifest}
    return [name for name in required if name not in names]
