"""Faults of what a job costs: estimate against bill, budget, phases, what is shown of them."""

from tests.mutation.jobs_files import a_fault

FAULTS = (
    # ---- estimate and bill speak of the same thing
    a_fault(
        "storage is never recorded",
        "jobs/termination.py",
        "over = _with_storage(_end(change, clock, JobStatus.COMPLETED), clock)",
        "over = _end(change, clock, JobStatus.COMPLETED)",
        "pipeline/budget_pauses::the_bill_of_a_finished_job_has_what_the_estimate_had",
    ),
    a_fault(
        "storage is recorded and not in the total",
        "jobs/termination.py",
        "    total = (job.final_cost or Decimal(0)) + storage\n",
        "    total = job.final_cost or Decimal(0)\n",
        "pipeline/demo_bill::a_run_that_takes_as_long_as_estimated_costs_what_was_estimated",
    ),
    a_fault(
        "an estimate that counts the held-out rows",
        "training/planned_run.py",
        "    steps = max(1, -(-(rows - held_out_rows) // per_step))\n",
        "    steps = max(1, -(-rows // per_step))\n",
        "pipeline/demo_bill::the_trainer_takes_the_steps_that_the_estimate_plans",
        "api/api_planned_runs",
    ),
    a_fault(
        "the documented formula without the steps that will be taken",
        "functions/api/estimate_job.py",
        "        planned=planned_run_of(config, dataset),\n",
        "        planned=None,\n",
        "api/api_planned_runs::beside_the_formula_stand_the_trainers_steps",
    ),
    a_fault(
        "a job that keeps the steps of its estimate",
        "jobs/execution/worker_messages.py",
        "            total_steps=message.total_steps or state.job.total_steps,\n",
        "",
        "pipeline/demo_bill::a_run_that_takes_as_long_as_estimated_costs_what_was_estimated",
    ),
    # ---- a budget by default, and what becomes of it
    a_fault(
        "no budget where none is named",
        "jobs/creation/draft.py",
        '        has_default_budget="max_cost" not in request.model_fields_set,\n'
        "        shown_cost=request.estimated_cost,\n"
        "    )\n\n\n"
        "def clone_draft",
        "        has_default_budget=False,\n"
        "        shown_cost=request.estimated_cost,\n"
        "    )\n\n\n"
        "def clone_draft",
        "pipeline/budget_pauses::a_job_that_names_no_budget_gets_twice_its_high_estimate",
    ),
    a_fault(
        "once its high estimate",
        "jobs/creation/affordability.py",
        "2 * price.high, ",
        "price.high, ",
        "pipeline/budget_pauses::a_job_that_names_no_budget_gets_twice_its_high_estimate",
    ),
    a_fault(
        "a budget of a few cents",
        "jobs/creation/affordability.py",
        "LEAST_DEFAULT_USD = Decimal(1)",
        "LEAST_DEFAULT_USD = Decimal(0)",
        "unit/jobs/default_budget::a_cheap_job_has_a_dollar",
    ),
    a_fault(
        "a default budget that ends the job before its first step",
        "jobs/creation/affordability.py",
        ", 2 * (overrun + price.storage))",
        ")",
        "unit/jobs/default_budget::a_dear_gpu_has_enough_to_begin",
    ),
    a_fault(
        "null is the default budget",
        "jobs/creation/draft.py",
        '        has_default_budget="max_cost" not in request.model_fields_set,\n'
        "        shown_cost=request.estimated_cost,\n"
        "    )\n\n\n"
        "def clone_draft",
        "        has_default_budget=request.max_cost is None,\n"
        "        shown_cost=request.estimated_cost,\n"
        "    )\n\n\n"
        "def clone_draft",
        "pipeline/budget_pauses::null_asks_for_no_budget_and_is_told_what_that_can_cost",
    ),
    a_fault(
        "no word of what a job without a budget can cost",
        "functions/api/estimate_job.py",
        "gpu.hourly_rate_usd, config.count, deps.limits, None, storage=price.storage",
        "gpu.hourly_rate_usd, 0, deps.limits, None, storage=price.storage",
        "pipeline/budget_pauses::null_asks_for_no_budget_and_is_told_what_that_can_cost",
        "pipeline/money::the_worst_case_is_shown_before_it_is_ordered",
    ),
    a_fault(
        "a job over its budget fails",
        "jobs/stopping.py",
        "PAUSING = frozenset({StopReason.PAUSED_BY_USER, StopReason.BUDGET})",
        "PAUSING = frozenset({StopReason.PAUSED_BY_USER})",
        "pipeline/budget_pauses::a_job_that_reaches_its_budget_rests_and_keeps_what_it_learned",
    ),
    a_fault(
        "the budget is passed before it is reached",
        "jobs/stopping.py",
        "job.current_cost + to_come >= job.max_cost",
        "job.current_cost >= job.max_cost",
        "unit/jobs/stopping::money_stops_a_job_before_the_next_report_could_pass_its_limit",
    ),
    a_fault(
        "a job that is paused for its budget leaves its worker no time for a checkpoint",
        "jobs/execution/reconcile.py",
        "_PATIENT = frozenset({StopReason.BUDGET, ",
        "_PATIENT = frozenset({",
        "unit/jobs/reconcile::a_user_cancel_does_not_wait_but_money_lets_the_checkpoint_be_kept",
    ),
    a_fault(
        "a raised limit that is not written",
        "jobs/changing.py",
        "        max_cost=max_cost,\n        has_default_budget=False,\n        worst_case_usd",
        "        has_default_budget=False,\n        worst_case_usd",
        "pipeline/budget_pauses::a_budget_is_raised_while_the_job_runs_and_the_month_makes_room",
    ),
    a_fault(
        "a raised limit for which the month makes no room",
        "jobs/changing.py",
        "        worst_case_usd=priced.worst_case_usd,\n",
        "",
        "pipeline/budget_pauses::a_budget_is_raised_while_the_job_runs_and_the_month_makes_room",
    ),
    a_fault(
        "a job with a raised limit rests on although it was asked to go on",
        "jobs/changing.py",
        "    if not request.resume:\n",
        "    if request:\n",
        "pipeline/budget_pauses::a_job_without_money_is_not_resumed_and_one_with_more_goes_on",
    ),
    a_fault(
        "a job without money goes on, to be paused at once",
        "jobs/changing.py",
        "    require_money_left(change.after.job, limits)\n",
        "",
        "pipeline/budget_pauses::a_job_without_money_is_not_resumed_and_one_with_more_goes_on",
    ),
    a_fault(
        "a limit below what was spent",
        "jobs/changing.py",
        "    if max_cost is not None and max_cost <= job.current_cost:\n",
        "    if max_cost is not None and max_cost < 0:\n",
        "pipeline/budget_pauses::a_budget_is_not_lowered_below_what_was_spent",
    ),
    a_fault(
        "the month reserves a day of GPU time for each job",
        "jobs/creation/affordability.py",
        "    most = by_deadline if max_cost is None else min(max_cost, by_deadline)\n",
        "    most = by_deadline\n",
        "pipeline/money::a_new_job_is_refused_when_active_jobs_could_spend_the_rest",
        "unit/accounts/budget::the_worst_case_is_the_budget_and_the_way_to_a_standstill",
    ),
    # ---- what is shown of it
    a_fault(
        "stages without a cost",
        "jobs/termination.py",
        "        phases=billed(job, clock.at, AttemptBill(attempt.number, cost)),\n",
        "",
        "unit/jobs/phases::a_run_is_cut_into_stages_and_its_bill_shared_by_time",
    ),
    a_fault(
        "a stage that a worker reports is no phase",
        "jobs/execution/worker_messages.py",
        "            phases=entered(state.job, message.stage, clock.at),\n",
        "",
        "unit/jobs/phases::a_run_is_cut_into_stages_and_its_bill_shared_by_time",
    ),
    a_fault(
        "a stage that has not ended takes no time",
        "jobs/phases.py",
        "    until = phase.ended_at or now\n",
        "    until = phase.ended_at\n",
        "unit/jobs/phases::an_open_stage_is_counted_until_now",
    ),
    a_fault(
        "an attempt does not say where it began",
        "jobs/execution/worker_messages.py",
        "        resumed_from_step=job.checkpoint.step if job.checkpoint else None,\n",
        "",
        "pipeline/late_checkpoints",
        "pipeline/one_job::a_worker_killed_in_the_middle_is_followed_by_one_that_resumes",
    ),
    a_fault(
        "a job does not say which step its model is of",
        "jobs/execution/run_over.py",
        "        delivered_step=_delivered_step(change),\n",
        "",
        "unit/jobs/run_over::a_job_knows_the_step_whose_adapter_is_its_model",
    ),
    a_fault(
        "a job does not say since when it rests",
        "jobs/termination.py",
        "            paused_at=clock.at,\n",
        "",
        "pipeline/checkpoint_expiry",
        "unit/jobs/pausing",
    ),
    a_fault(
        "a checkpoint that goes unannounced",
        "jobs/checkpoint_expiry.py",
        "    return done.with_notifications(notification)\n",
        "    return done if notification else done\n",
        "pipeline/checkpoint_expiry::a_paused_job_says_when_its_checkpoint_goes_and_warns_once",
    ),
    a_fault(
        "a checkpoint announced when it is gone",
        "jobs/checkpoint_expiry.py",
        "_BEFORE = timedelta(days=1)",
        "_BEFORE = timedelta(0)",
        "pipeline/checkpoint_expiry::a_paused_job_says_when_its_checkpoint_goes_and_warns_once",
    ),
    a_fault(
        "a job does not say until when its checkpoint is kept",
        "jobs/view.py",
        "expires_at(job) if job.status in RESTING else None",
        "None",
        "pipeline/checkpoint_expiry::a_paused_job_says_when_its_checkpoint_goes_and_warns_once",
    ),
)
