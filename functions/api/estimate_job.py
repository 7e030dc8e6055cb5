"""What a job would cost and whether it would fit, before it is created. Changes nothing."""

from brightrun.jobs.creation.affordability import worst_case
from brightrun.jobs.creation.requests import EstimateRequest
from brightrun.jobs.creation.resolved_config import (
    fit_of,
    phases_of,
    planned_run_of,
    reckoned_speed_of,
    resolve,
)
from brightrun.jobs.stopping import worst_case_overrun
from brightrun.jobs.view import EstimateView, estimate_view
from brightrun.ports.dynamodb.datasets import get_dataset
from brightrun.records import UserId
from brightrun.runtime import Deps
from functions.api.create_job import price_of


def estimated(deps: Deps, user_id: UserId, request: EstimateRequest) -> EstimateView:
    """Return the price of a run on a dataset, which need not be ready.

    Raises:
        DatasetNotFound: no such dataset of this user.
        InvalidRequest: an unknown GPU type or base model, or what that cannot do.
    """
    config = resolve(request, deps.catalog, deps.settings.default_base_model)
    dataset = get_dataset(deps.table, user_id, request.dataset_id)
    gpu = config.gpu
    return estimate_view(
        price_of(deps, config, dataset),
        dataset_name=dataset.name,
        fit=fit_of(config, dataset),
        reckoned_speed=reckoned_speed_of(config, dataset),
        overrun=worst_case_overrun(gpu.hourly_rate_usd, config.count, deps.limits),
        worst_case=worst_case(gpu.hourly_rate_usd, config.count, deps.limits, None),
        startable=gpu.endpoint_id is not None,
        planned=planned_run_of(config, dataset),
        phases=phases_of(config, dataset),
    )
