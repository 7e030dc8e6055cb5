"""The dataset as it is stored and shown. Pure."""

from enum import StrEnum

from pydantic import Field

from brightrun.records import Moment, Record, UserId
from brightrun.training.configuration import OverLength
from brightrun.training.ledger import LedgerTotals
from brightrun.work import WorkItem


class DatasetStatus(StrEnum):
    """Where a dataset stands."""

    UPLOADING = "uploading"
    VALIDATING = "validating"
    READY = "ready"
    ERROR = "error"


class DatasetFormat(StrEnum):
    """What one line of the file is (spec: section 3)."""

    OPENAI_CHAT = "openai_chat"
    PROMPT_COMPLETION = "prompt_completion"
    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    CONVERSATIONS = "conversations"
    TURNS = "turns"
    BRIGHTRUN_V4 = "brightrun_v4"
    PREFERENCE = "preference"


class Severity(StrEnum):
    """An error blocks training; a warning informs."""

    ERROR = "error"
    WARNING = "warning"


class Problem(Record):
    """One thing that is wrong with one place of a file.

    Attributes:
        line: 1-based line (or array element) number; 0 for the file as a whole.
        path: JSON pointer inside the line, such as `/messages/2/content`; empty for the line.
        code: stable name, listed in `brightrun.datasets.problems`.
        excerpt: at most 120 characters of what stands there.
    """

    line: int
    path: str
    code: str
    severity: Severity
    message: str
    hint: str
    excerpt: str


class Bucket(Record):
    """One bar of a histogram: how many rows have `low <= value < high`."""

    low: int
    high: int
    count: int


class LedgerRow(Record):
    """What became of one row: `trained`, `skipped` or `rejected`.

    Attributes:
        conversation_id: as the row names it, else the digest of its content; none where the row
            could not be read.
        reason: the code of what a row is rejected for, or why it is skipped; empty where it trains.
        tokens: of all its sequences.
        truncated: it trains without its oldest turns; never of a row that does not train.
    """

    line: int
    conversation_id: str | None = None
    fate: str
    reason: str = ""
    pairs: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    truncated: bool = False


class LedgerCheck(Record):
    """What a run counted of its dataset beside what the validator had counted.

    Attributes:
        differences: what is not the same, as [validator, trainer]; tokens are compared only where
            the validator had counted them by a tokenizer. A run with another maximum sequence
            length or base model rightly differs.
        compared: whether the dataset was still there to compare with.
    """

    trained: LedgerTotals
    compared: bool
    differences: dict[str, tuple[int, int]] = Field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether both counted the same."""
        return self.compared and not self.differences


class Statistics(Record):
    """What was counted while the file was read (spec: section 3).

    Attributes:
        rows: each was trained, skipped or rejected; the truncated ones are among the trained.
    """

    rows: int = 0
    trained_rows: int = 0
    skipped_rows: int = 0
    rejected_rows: int = 0
    truncated_rows: int = 0
    conversations: int = 0
    total_training_pairs: int = 0
    skipped_pairs: int = 0
    total_validation_pairs: int = 0
    total_tokens: int = 0
    trained_tokens: int = 0
    token_count_method: str = "estimate"
    avg_turns_per_conversation: float = 0.0
    avg_tokens_per_turn: float = 0.0
    token_histogram: tuple[Bucket, ...] = ()
    turn_histogram: tuple[Bucket, ...] = ()


class Verdict(Record):
    """The outcome of reading one file, whatever the file holds.

    Attributes:
        problems: the first 100, for the dataset row; the report file has up to 1,000.
        error_counts: exact totals by code, errors only. `warning_counts` likewise.
        sample_data: the first 3 normalised rows, as JSON text each.
    """

    format: DatasetFormat | None = None
    training_ready: bool = False
    error_message: str | None = None
    statistics: Statistics = Statistics()
    problems: tuple[Problem, ...] = ()
    error_counts: dict[str, int] = Field(default_factory=dict)
    warning_counts: dict[str, int] = Field(default_factory=dict)
    sample_data: tuple[str, ...] = ()


class Dataset(WorkItem):
    """One uploaded file and what is known of it."""

    id: str
    user_id: UserId
    name: str
    description: str | None = None
    status: DatasetStatus = DatasetStatus.UPLOADING
    storage_bucket: str
    storage_path: str
    file_name: str
    file_size: int
    sha256: str | None = None
    multipart_upload_id: str | None = None
    version_id: str | None = None
    etag: str | None = None
    training_file_id: str | None = None
    duplicate_of: str | None = None
    base_model: str | None = None
    over_length: OverLength = OverLength.REJECT
    find_near_duplicates: bool = False
    waive: tuple[str, ...] = ()
    verdict: Verdict | None = None
    report_path: str | None = None
    validated_at: Moment | None = None
    error_message: str | None = None
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None = None

    @property
    def training_ready(self) -> bool:
        """Whether a job may be created on it now."""
        ready = self.status is DatasetStatus.READY and self.deleted_at is None
        return ready and self.verdict is not None and self.verdict.training_ready


class DatasetSummary(Record):
    """What a job and its model remember of their dataset, so that a list of jobs is one query."""

    id: str
    name: str
    format: DatasetFormat | None
    total_training_pairs: int
    total_tokens: int
