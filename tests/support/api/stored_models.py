"""A model of Ada's whose files really lie in storage."""

import hashlib
from typing import Any

from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.writes import add, commit, put_new
from brightrun.runtime import Deps
from brightrun.training.protocol import StoredFile
from tests.support.factories import ADA, MODEL_ID, a_model

FILES = {
    "adapter_model.safetensors": bytes(range(256)) * 12_000,
    "adapter_config.json": b'{"r": 16}',
    "README.md": b"# A model\n",
}


def stored_model(deps: Deps, files: dict[str, bytes] | None = None, **facts: Any) -> ModelArtifact:
    """Keep a model with these files and return it."""
    contents = FILES if files is None else files
    model = a_model(
        manifest=tuple(
            StoredFile(name=name, size_bytes=len(body), sha256=hashlib.sha256(body).hexdigest())
            for name, body in contents.items()
        ),
        artifacts={name: f"models/ada/{MODEL_ID}/{name}" for name in contents},
        **facts,
    )
    for name, body in contents.items():
        key = model.artifacts[name]
        deps.store.client.put_object(Bucket=deps.store.bucket, Key=key, Body=body)
    counted = add(deps.table, keys.counts(ADA, Kind.MODEL), {model.status: 1})
    commit(deps.table, [put_new(deps.table, model), counted])
    return model
