"""A file read here as the upload will read it: the same rules, the same maximum."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.session import Session
from brightrun.client import BrightRunError
from brightrun.client.account_answers import Offer
from brightrun.datasets.problems import Code
from brightrun.datasets.record import LedgerRow
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.template_set import ENCODER_FILES
from brightrun.datasets.validation.row_ledger import RowSeen, ledger_line
from brightrun.datasets.validation.validator import Validated, validate
from brightrun.training.configuration import Hyperparameters, OverLength

DEFAULT_MAXIMUM = Hyperparameters().max_sequence_tokens
_CHUNK_BYTES = 1 << 17


@dataclass(frozen=True, slots=True)
class Maximum:
    """How many tokens a row may have.

    Attributes:
        said_by: the base model it is taken from; empty: the default, or what was asked for.
        remark: why the stage was not asked, where it should have been.
    """

    tokens: int = DEFAULT_MAXIMUM
    said_by: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What was asked for on the command line."""

    path: Path
    maximum: Maximum = Maximum()
    tokenizer: Path | None = None
    over_length: OverLength = OverLength.REJECT
    waived: frozenset[Code] = frozenset()
    validation_file: Path | None = None
    near_duplicates: bool = False
    outcomes: Path | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a file.

    Attributes:
        not_fast_because: why the slow tokenizer counted; empty where the fast one did, or none.
    """

    outcome: Validated
    maximum: Maximum
    not_fast_because: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether the upload would end in `error`."""
        return bool(self.outcome.verdict.error_counts)


def stages_maximum(session: Session, base_model: str | None) -> Maximum:
    """Return the maximum that the stage will apply, or the default where none is configured.

    Raises:
        WrongCommand: the stage does not train that base model.
    """
    try:
        connection = session.find_connection()
        if connection is None or connection.api_key is None:
            return Maximum()
        with session.client_of(connection, attempts=1) as api:
            offer = api.stage.catalog()
    except BrightRunError as error:
        return Maximum(remark=f"the stage was not asked for its maximum: {error}")
    return _maximum_of(offer, base_model)


def _maximum_of(offer: Offer, base_model: str | None) -> Maximum:
    known = {model.id: model for model in offer.base_models}
    wanted = base_model or next(iter(known), "")
    if wanted not in known:
        raise WrongCommand(f"{wanted} is not trained here; there are {', '.join(sorted(known))}")
    return Maximum(min(known[wanted].context_tokens, DEFAULT_MAXIMUM), wanted)


def check_file(options: CheckOptions) -> Checked:
    """Read a file once.

    Raises:
        OSError: a file cannot be read.
        WrongCommand: the tokenizer is of no use.
    """
    encoder = None if options.tokenizer is None else _encoder(options.tokenizer)
    with ExitStack() as opened:
        row_seen = None
        if options.outcomes is not None:
            row_seen = _line_writer(opened.enter_context(options.outcomes.open("wb")))
        other = options.validation_file
        outcome = validate(
            _chunks(options.path),
            encoder=encoder,
            max_sequence_tokens=options.maximum.tokens,
            over_length=options.over_length,
            waived=options.waived,
            validation_chunks=None if other is None else _chunks(other),
            second_pass=_chunks(options.path) if options.near_duplicates else None,
            row_seen=row_seen,
        )
    slow = "" if encoder is None else encoder.not_fast_because
    return Checked(outcome, options.maximum, slow)


def _line_writer(file: BinaryIO) -> RowSeen:
    def write(row: LedgerRow) -> None:
        file.write(ledger_line(row))

    return write


def _encoder(folder: Path) -> ChatEncoder:
    paths = {name: folder / name for name in ENCODER_FILES}
    files = {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    if "tokenizer.json" not in files:
        raise WrongCommand(f"{folder}: there is no tokenizer.json")
    try:
        return ChatEncoder.from_files(files)
    except EncodingRefused as refusal:
        raise WrongCommand(f"{folder}: {refusal} ({refusal.code})") from refusal


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
