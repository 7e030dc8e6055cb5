"""What became of the rows of a dataset, in sums that validator and trainer share. Pure."""

from pydantic import BaseModel, ConfigDict


class LedgerTotals(BaseModel):
    """Sums over a file: `rows` are those trained, skipped and rejected.

    Attributes:
        trained_rows: held-out ones among them.
        tokens: of all sequences of the rows that train, once, whatever the number of epochs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    rows: int = 0
    trained_rows: int = 0
    skipped_rows: int = 0
    rejected_rows: int = 0
    truncated_rows: int = 0
    tokens: int = 0
    trained_tokens: int = 0
