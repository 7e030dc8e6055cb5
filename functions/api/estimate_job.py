"""What a job would cost and whether it would fit, before it is created. Changes nothing."""

from brightrun.datasets.record import Dataset
from brightrun.jobs.creation.affordability import default_max_cost, worst_case
from brightrun.jobs.creation.requests import EstimateRequest, EstimatesRequest
from brightrun.jobs.creation.resolved_config import (
    ResolvedConfig,
    fit_of,
    offered_beside,
    phases_of,
    planned_run_of,
    reckoned_speed_of,
    resolve,
)
from brightrun.jobs.creation.variants import variant_of
from brightrun.jobs.estimate_view import EstimateView, estimate_view
from brightrun.jobs.stopping import worst_case_overrun
from brightrun.ports.dynamodb.datasets import get_dataset
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.training.cost_estimate import Estimate
from brightrun.training.gpu_count_advice import gpu_count_warnings
from functions.api.create_job import price_of


class Estimates(EstimateView):
    """The price of a run; `variants` are those of other choices, in the order of the request."""

    variants: tuple[EstimateView, ...] = ()


def estimates(deps: Deps, user_id: UserId, request: EstimatesRequest) -> Estimates:
    """Return the price of a run on a dataset, which need not be ready, and of its variants.

    Raises:
        DatasetNotFound: no such dataset of this user.
        InvalidRequest: an unknown GPU type or base model, or what that cannot do.
    """
    dataset = get_dataset(deps.table, user_id, request.dataset_id)
    others = [variant_of(request, variant, place) for place, variant in enumerate(request.variants)]
    priced = [_estimated(deps, dataset, wanted) for wanted in (request, *others)]
    return Estimates(**dict(priced[0]), variants=tuple(priced[1:]))


def _estimated(deps: Deps, dataset: Dataset, request: EstimateRequest) -> EstimateView:
    config = resolve(request, deps.catalog, deps.settings.default_base_model)
    gpu, price = config.gpu, price_of(deps, config, dataset)
    return estimate_view(
        price,
        warnings=_warnings(deps, config, dataset, price),
        alternatives=offered_beside(config, dataset, deps.catalog),
        dataset_name=dataset.name,
        fit=fit_of(config, dataset),
        reckoned_speed=reckoned_speed_of(config, dataset),
        overrun=worst_case_overrun(gpu.hourly_rate_usd, config.count, deps.limits),
        worst_case=worst_case(
            gpu.hourly_rate_usd, config.count, deps.limits, None, storage=price.storage
        ),
        default_budget=default_max_cost(price, deps.limits),
        planned=planned_run_of(config, dataset),
        phases=phases_of(config, dataset),
        startable=gpu.endpoint(config.count) is not None,
    )


def _warnings(
    deps: Deps, config: ResolvedConfig, dataset: Dataset, price: Estimate
) -> tuple[str, ...]:
    less = price_of(deps, config, dataset, count=config.count - 1) if config.count > 1 else None
    hours = less.hours if less else None
    return gpu_count_warnings(price.hours, hours, config.hyperparameters, config.count)
