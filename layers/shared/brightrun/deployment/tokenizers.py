"""`brightrun models install-tokenizer`: a stage that has it counts tokens instead of guessing."""

from pathlib import Path
from typing import Annotated

import typer

from brightrun.cli.commands.models import group
from brightrun.cli.exit_status import ExitStatus, WrongCommand
from brightrun.cli.output import complain, example, say
from brightrun.cli.session import Session, session_of
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.template_set import ENCODER_FILES
from brightrun.deployment.aws import SAMCONFIG, SamConfig, Stage, StageInAws, stage_in_aws
from brightrun.deployment.hub import hub_of
from brightrun.errors import InvalidRequest
from brightrun.ports.hub import fetch_files
from brightrun.s3_keys import TOKENIZER, base_model_prefix
from brightrun.training.catalog import Catalog, TrainableModel

_LIMIT_BYTES = 64 * 1024**2


def register(_: typer.Typer) -> None:
    """Add the command to the group of models, which is there."""
    epilog = example("brightrun models install-tokenizer Qwen/Qwen3-8B --stage dev")
    group.command("install-tokenizer", epilog=epilog)(install_tokenizer)


def install_tokenizer(
    context: typer.Context,
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]")] = None,
    stage: Stage = "dev",
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="The model's files here; else the Hub."),
    ] = None,
    samconfig: SamConfig = SAMCONFIG,
    *,
    every: Annotated[bool, typer.Option("--all", help="Of each offered base model.")] = False,
) -> None:
    """Bring a base model's tokenizer to the stage's bucket, once it has been loaded here.

    The revision is the one that the stage trains. Gated models need HF_TOKEN. Doing it again
    writes the same files again.
    """
    session = session_of(context)
    aws = stage_in_aws(session, stage, samconfig)
    offered = _offered(session, aws)
    if every == (model is not None) or (every and folder):
        raise WrongCommand("name one MODEL, or give --all")
    if not every:
        known = _known(offered, str(model))
        _install(aws, known, read_folder(folder) if folder else _from_hub(session, known))
        return
    refused = [each.id for each in offered.base_models if not _tried(aws, session, each)]
    if refused:
        raise typer.Exit(ExitStatus.NOT_GOOD)


def _tried(aws: StageInAws, session: Session, model: TrainableModel) -> bool:
    """Install one of several; one that cannot be had hinders no other."""
    try:
        _install(aws, model, _from_hub(session, model))
    except WrongCommand as refusal:
        complain(str(refusal))
        return False
    return True


def _offered(session: Session, aws: StageInAws) -> Catalog:
    bucket, s3 = aws.output("BucketName"), aws.client("s3")
    from brightrun.deployment.offered import catalog_in  # noqa: PLC0415 - imports botocore

    return catalog_in(s3, bucket, aws.parameters(), session.now())


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the encoder's files of a model's folder."""
    paths = {name: folder / name for name in ENCODER_FILES}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _known(offered: Catalog, model_id: str) -> TrainableModel:
    try:
        return offered.base_model(model_id)
    except InvalidRequest as refusal:
        raise WrongCommand(str(refusal)) from refusal


def _from_hub(session: Session, model: TrainableModel) -> dict[str, bytes]:
    with hub_of(session) as hub:
        return fetch_files(hub, model.id, model.revision, ENCODER_FILES, limit_bytes=_LIMIT_BYTES)


def _install(aws: StageInAws, model: TrainableModel, files: dict[str, bytes]) -> None:
    """Load the files, store them, and say so.

    `tokenizer.json` goes last: with it a tokenizer counts as installed.
    """
    if TOKENIZER not in files:
        raise WrongCommand(f"{model.id} has no {TOKENIZER}: its tokens cannot be counted here")
    try:
        encoder = ChatEncoder.from_files(files)
    except EncodingRefused as refusal:
        raise WrongCommand(f"{model.id} cannot be used: {refusal} ({refusal.code})") from refusal
    except Exception as error:  # tokenizers raises nothing narrower
        raise WrongCommand(f"{model.id} cannot be used: {error}") from error
    bucket, s3 = aws.output("BucketName"), aws.client("s3")
    prefix = base_model_prefix(model.id, model.revision)
    for name in sorted(files, key=lambda name: name == TOKENIZER):
        s3.put_object(Bucket=bucket, Key=prefix + name, Body=files[name])
    if encoder.not_fast_because:
        complain(f"{model.id}: tokens are counted slowly: {encoder.not_fast_because}")
    size = sum(map(len, files.values()))
    say(f"{model.id} at {model.revision}: installed, {len(files)} files, {size:,} bytes")
