"""A row of a dataset as the trainer will see it. Reads only."""

from brightrun.datasets.record import Dataset
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.preview import NotShown, Preview, preview
from brightrun.errors import InvalidRequest
from brightrun.ports.s3.objects import read_chunks
from brightrun.ports.s3.tokenizers import find_encoder
from brightrun.records import DeferredModel
from brightrun.runtime import Deps
from brightrun.training.catalog import TrainableModel
from brightrun.training.configuration import Hyperparameters


class PreviewPage(DeferredModel):
    """A row as it will be trained; without the base model's tokenizer at hand, its turns only."""

    preview: Preview
    base_model: str
    tokenized: bool


def _encoder(deps: Deps, model: TrainableModel) -> ChatEncoder | None:
    try:
        return find_encoder(deps.store, model.id, model.revision)
    except EncodingRefused as refusal:
        raise InvalidRequest({"base_model": [str(refusal)]}) from refusal


def preview_page(deps: Deps, dataset: Dataset, row: int, base_model: str | None) -> PreviewPage:
    """Return one line of the file as it will be trained, by the trainer's own code.

    Raises:
        InvalidRequest: the file has no such line, or the base model cannot be trained on it.
    """
    usual = dataset.base_model or deps.settings.default_base_model
    catalog = deps.catalog
    model = catalog.base_model(base_model) if base_model else catalog.counted_for(usual)
    encoder = _encoder(deps, model)
    chunks = read_chunks(deps.store, dataset.storage_path, version_id=dataset.version_id)
    limit = min(model.context_tokens, Hyperparameters().max_sequence_tokens)
    try:
        found = preview(
            chunks, row, encoder, max_sequence_tokens=limit, over_length=dataset.over_length
        )
    except NotShown as error:
        raise InvalidRequest({"row": [str(error)]}) from error
    if found is None:
        raise InvalidRequest({"row": ["the file has no such line"]})
    return PreviewPage(preview=found, base_model=model.id, tokenized=encoder is not None)
