"""What became of the rows of a dataset, in sums that validator and trainer share. Pure."""

from pydantic import ConfigDict

from brightrun.records import DeferredModel
from brightrun.training.bounds import Count


class LedgerTotals(DeferredModel):
    """Sums over a file: `rows` are those trained, skipped and rejected.

    Attributes:
        trained_rows: held-out ones among them.
        tokens: of all sequences of the rows that train, once, whatever the number of epochs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    rows: Count = 0
    trained_rows: Count = 0
    skipped_rows: Count = 0
    rejected_rows: Count = 0
    truncated_rows: Count = 0
    tokens: Count = 0
    trained_tokens: Count = 0
