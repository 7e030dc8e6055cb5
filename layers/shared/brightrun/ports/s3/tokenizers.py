"""The tokenizers of base models, where a stage has installed them in the bucket.

With one, tokens are counted exactly and any row can be previewed; without one, they are
estimated and labelled so.
"""

import logging

from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder
from brightrun.datasets.tokenizing.template_set import ENCODER_FILES
from brightrun.ports.s3.objects import Store, read_whole
from brightrun.s3_keys import BASE_MODELS, TOKENIZER, base_model_prefix

_LIMIT_BYTES = 64 * 1024**2

log = logging.getLogger(__name__)


def find_encoder(store: Store, model_id: str, revision: str) -> ChatEncoder | None:
    """Return a base model's encoder, or None when its tokenizer is not installed.

    Raises:
        EncodingRefused: it is installed, but has no chat template we can train with.
    """
    prefix = base_model_prefix(model_id, revision)
    found = {
        name: read_whole(store, prefix + name, limit_bytes=_LIMIT_BYTES) for name in ENCODER_FILES
    }
    files = {name: content for name, content in found.items() if content is not None}
    if TOKENIZER not in files:
        return None
    encoder = ChatEncoder.from_files(files)
    if encoder.not_fast_because:
        log.warning("%s: tokens are counted slowly: %s", model_id, encoder.not_fast_because)
    return encoder


def installed_tokenizers(store: Store) -> frozenset[str]:
    """Return the prefixes under which a tokenizer lies; compare with `base_model_prefix`."""
    pages = store.client.get_paginator("list_objects_v2").paginate(
        Bucket=store.bucket, Prefix=BASE_MODELS
    )
    keys = (entry["Key"] for page in pages for entry in page.get("Contents", []))
    return frozenset(key.removesuffix(TOKENIZER) for key in keys if key.endswith("/" + TOKENIZER))
