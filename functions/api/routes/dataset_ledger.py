"""The ledger of a dataset: what became of each of its rows."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from brightrun.envelope import Success
from brightrun.ports.dynamodb.datasets import get_dataset
from brightrun.ports.s3.dataset_ledgers import LedgerPage, LedgerQuery, ledger_page
from functions.api.dependencies import Owner, Wires

router = Router()  # type: ignore[no-untyped-call]


@router.get("/api/datasets/<dataset_id>/ledger", tags=["datasets"])
def read_ledger(
    deps: Wires,
    user_id: Owner,
    dataset_id: Annotated[str, Path(min_length=1, max_length=64)],
    wanted: Annotated[LedgerQuery, Query()],
) -> Success[LedgerPage]:
    """Page through every row: its line, conversation, outcome, reason and tokens, with the sums."""
    dataset = get_dataset(deps.table, user_id, dataset_id)
    return Success(data=ledger_page(deps.store, dataset, wanted))
