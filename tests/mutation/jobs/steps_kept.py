"""Faults that lose steps which were trained, and stops that are told wrongly."""

from tests.mutation.jobs_files import a_fault

FAULTS = (
    a_fault(
        "a checkpoint that nobody told of is lost",
        "functions/process_jobs/watch.py",
        "kept=newest_kept(deps.store, attempt) if is_over and not has_model else None",
        "kept=None",
        "pipeline/late_checkpoints::a_worker_that_failed_keeps_what_it_stored_and_could_not_say",
    ),
    a_fault(
        "what a worker is about to store is not noted",
        "functions/api/worker_protocol.py",
        "    _note_checkpoints(deps, attempt, request)\n",
        "",
        "pipeline/outages::a_checkpoint_that_was_stored_counts_although_nobody_told",
    ),
    a_fault(
        "of two checkpoints that were begun the broken one is taken",
        "ports/s3/checkpoints.py",
        "there is not None and is_as_declared(there, file)",
        "True or there is not None and is_as_declared(there, file)",
        "pipeline/outages::a_checkpoint_that_was_stored_counts_although_nobody_told",
    ),
    a_fault(
        "a checkpoint is taken before its large file has come",
        "ports/s3/checkpoints.py",
        "        if stored and _is_whole({file.name for file in offer.files}):\n",
        "        if stored:\n",
        "pipeline/unjoined_checkpoints::a_large_file_that_never_began_makes_no_checkpoint",
    ),
    a_fault(
        "parts that have all come and that nobody joined are lost",
        "functions/api/kept_checkpoints.py",
        "    join_left(deps.store, attempt, after_step=known)\n",
        "",
        "pipeline/unjoined_checkpoints::all_parts_that_nobody_joined_are_a_checkpoint",
    ),
    a_fault(
        "parts are joined although one is missing",
        "ports/s3/staging.py",
        "            if _are_all(arrived, file):\n",
        "            if arrived:\n",
        "pipeline/unjoined_checkpoints::a_part_that_is_missing_makes_no_checkpoint",
    ),
    a_fault(
        "a word that comes after the end is not heard",
        "jobs/execution/worker_files.py",
        "    require_open(state, number)\n",
        "    current_attempt(state, number)\n",
        "pipeline/late_checkpoints::a_word_that_comes_after_a_cancel_counts",
    ),
    a_fault(
        "a retry looks for nothing that came after the end",
        "functions/api/kept_checkpoints.py",
        "    kept = _newer(deps, state, state.attempt)\n",
        "    kept = None\n",
        "pipeline/late_checkpoints::what_was_stored_after_the_end_and_never_told_of_counts",
    ),
    a_fault(
        "the next attempt looks for nothing that came meanwhile",
        "functions/api/worker_protocol.py",
        "    kept = left_by_the_last(deps, before)\n",
        "    kept = None\n",
        "pipeline/late_checkpoints::"
        "the_next_attempt_goes_on_from_what_the_last_one_stored_meanwhile",
    ),
    a_fault(
        "a worker that was followed by another is still heard",
        "jobs/execution/late_checkpoints.py",
        "    if job.status is JobStatus.COMPLETED or not (is_newest or before_next):\n",
        "    if job.status is JobStatus.COMPLETED:\n",
        "pipeline/late_checkpoints::once_the_next_worker_was_let_in_an_earlier_one_is_not_heard",
    ),
    a_fault(
        "a checkpoint waits for its points for ever",
        "trainer_image/worker/checkpoint_uploader.py",
        "        for _ in range(self._curve_looks):\n            if self._board.has_told(step):\n",
        "        for _ in range(10**9):\n            if self._board.has_told(step):\n",
        "unit/trainer/checkpoint_uploader::"
        "a_checkpoint_whose_points_nobody_hears_is_told_all_the_same",
    ),
    a_fault(
        "an older checkpoint replaces a newer one",
        "jobs/execution/worker_files.py",
        "    if known is not None and known.step >= message.step:\n",
        "    if known is None and message.step < 0:\n",
        "unit/jobs/worker_messages::an_older_checkpoint_does_not_replace_a_newer_one",
    ),
    # ---- crash loops
    a_fault(
        "a crash loop is waited for",
        "jobs/execution/reconcile.py",
        "    crashes = crash_loop and waited > CRASH_LOOP_SECONDS\n",
        "    crashes = False\n",
        "pipeline/waiting_for_gpus::a_crash_loop_is_not_waited_for_and_not_called_free",
    ),
    a_fault(
        "a crash loop ends as a wait that was too long",
        "jobs/execution/reconcile.py",
        "        return StopReason.WORKERS_UNHEALTHY\n",
        "        return StopReason.QUEUE_TIMEOUT\n",
        "pipeline/waiting_for_gpus::a_crash_loop_is_not_waited_for_and_not_called_free",
    ),
    a_fault(
        "a crash loop is called free",
        "jobs/notifications.py",
        "    if not job.final_cost and job.error_code == StopReason.WORKERS_UNHEALTHY:\n",
        "    if not job:\n",
        "pipeline/waiting_for_gpus::a_crash_loop_is_not_waited_for_and_not_called_free",
    ),
    a_fault(
        "a crash loop with a worker that runs is none",
        "jobs/execution/endpoint_capacity.py",
        "    return workers is not None and workers.unhealthy > 0 and not workers.running\n",
        "    return workers is not None and workers.unhealthy > 0\n",
        "unit/jobs/endpoint_capacity::an_endpoint_of_which_a_worker_runs_is_in_no_crash_loop",
    ),
    # ---- a stop that the provider ignores
    a_fault(
        "a cancel that is ignored is not told",
        "jobs/execution/reconcile.py",
        "        return (clock.at - stop.requested_at).total_seconds() > IGNORED_SECONDS\n",
        "        return False\n",
        "pipeline/waiting_for_gpus::a_stop_that_the_provider_ignores_is_told_once",
        "pipeline/waiting_for_gpus::a_stop_that_is_ignored_in_the_queue_is_told_once_too",
    ),
    a_fault(
        "a cancel that is ignored is told at each look",
        "jobs/execution/reconcile.py",
        "    if state.job.last_error == IGNORED or attempt is None:\n",
        "    if attempt is None:\n",
        "pipeline/waiting_for_gpus::a_stop_that_the_provider_ignores_is_told_once",
    ),
    a_fault(
        "a cancel that is ignored does not ring",
        "functions/process_jobs/watch.py",
        '        log.error("stop ignored"',
        '        log.info("stop"',
        "pipeline/waiting_for_gpus::a_stop_that_the_provider_ignores_rings",
        "unit/template/alarms",
    ),
)
