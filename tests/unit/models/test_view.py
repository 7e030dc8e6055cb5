"""A model as its owner sees it: the record's facts, and no number that JSON has not."""

import math

from brightrun.models.view import detail_of, quality_view, row_of
from tests.support.factories import a_model


def test_an_infinite_perplexity_is_told_apart_from_none() -> None:
    quality = a_model().quality_metrics
    infinite = quality_view(quality.model_copy(update={"perplexity": math.inf}))
    unknown = quality_view(quality.model_copy(update={"perplexity": None}))

    assert (infinite.perplexity, infinite.perplexity_is_infinite) == (None, True)
    assert (unknown.perplexity, unknown.perplexity_is_infinite) == (None, False)


def test_a_line_of_the_list_and_the_page_agree() -> None:
    model = a_model()
    row, detail = row_of(model), detail_of(model)

    assert row.model_dump() == {
        name: value for name, value in detail.model_dump().items() if name in type(row).model_fields
    }
    assert row.total_size_bytes == sum(file.size_bytes for file in model.manifest)
    assert row.job.gpu_config == model.configuration.gpu_config
