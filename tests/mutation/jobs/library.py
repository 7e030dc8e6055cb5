"""Faults of what is kept: the training-file library, datasets, lists and their filters, keys."""

from tests.mutation.jobs_files import a_fault

_LIBRARY = "api/api_training_library::"

FAULTS = (
    a_fault(
        "a list of what can be imported alone",
        "ports/dynamodb/training_files.py",
        "    return gather(_newest(table, user_id), _is_there, asked.limit, asked.cursor)\n",
        "    return importable(table, user_id, asked)\n",
        _LIBRARY + "the_list_has_them_all_newest_first_by_page",
    ),
    a_fault(
        "a deleted training file is still read",
        "ports/dynamodb/training_files.py",
        "    if found is None or found.deleted_at is not None:\n",
        "    if found is None:\n",
        _LIBRARY + "a_deleted_file_is_gone_from_every_list_and_later_from_storage",
    ),
    a_fault(
        "a training file is deleted under its dataset",
        "datasets/training_files.py",
        "    if dataset is not None:\n",
        "    if file is None:\n",
        _LIBRARY + "a_file_with_a_dataset_stays",
    ),
    a_fault(
        "a training file has come as soon as it is registered",
        "functions/api/datasets/training_library.py",
        '        "status": TrainingFileStatus.IMPORTED if dataset else status,\n',
        '        "status": TrainingFileStatus.AVAILABLE if not dataset else status,\n',
        _LIBRARY + "a_file_says_where_it_stands",
    ),
    a_fault(
        "the base model of an import is not kept",
        "datasets/training_files.py",
        "        base_model=wanted.base_model,\n",
        "",
        _LIBRARY + "the_base_model_is_chosen_at_import_as_at_upload",
    ),
    a_fault(
        "an unknown base model is taken at an import",
        "functions/api/datasets/create_dataset.py",
        "    if request.base_model is not None:\n",
        "    if request.base_model == 0:\n",
        _LIBRARY + "the_base_model_is_chosen_at_import_as_at_upload",
    ),
    a_fault(
        "a file is counted for the first model where another is the default",
        "functions/validate_dataset/validate.py",
        "counted_for(dataset.base_model or deps.settings.default_base_model)",
        "counted_for(dataset.base_model)",
        "pipeline/default_base_model",
    ),
    a_fault(
        "a row is shown for the first model where another is the default",
        "functions/api/datasets/preview_dataset.py",
        "    usual = dataset.base_model or deps.settings.default_base_model\n",
        "    usual = dataset.base_model\n",
        "pipeline/default_base_model",
    ),
    a_fault(
        "a corrected name is not kept",
        "functions/api/datasets/create_dataset.py",
        "lambda now: stored.DatasetChange(called(now))",
        "lambda now: stored.DatasetChange(now)",
        "api/api_dataset_edits::name_and_description_are_corrected",
    ),
    a_fault(
        "what is downloaded is not what was validated",
        "functions/api/datasets/create_dataset.py",
        "file_name=dataset.file_name, version_id=version)",
        "file_name=dataset.file_name)",
        "api/api_dataset_edits::its_own_file_comes_back_as_it_was_validated",
    ),
    a_fault(
        "a file that has not come can be downloaded",
        "functions/api/datasets/create_dataset.py",
        "    if stored.held_as(dataset) == stored.UPLOADING:\n        raise",
        "    if not dataset:\n        raise",
        "api/api_dataset_edits::a_file_that_has_not_come_cannot_come_back",
    ),
    a_fault(
        "models by status: all of them",
        "ports/dynamodb/models.py",
        '            "status": model.status,\n',
        '            "status": self.status,\n',
        "api/api_lists::models_are_filtered_and_carry_their_verdict",
    ),
    a_fault(
        "models by stars: all of them",
        "ports/dynamodb/models.py",
        '            "stars": model.quality_metrics.overall_score,\n',
        '            "stars": self.stars,\n',
        "api/api_lists::models_are_filtered_and_carry_their_verdict",
    ),
    a_fault(
        "models by dataset: all of them",
        "ports/dynamodb/models.py",
        '            "dataset_id": model.dataset_id,\n',
        '            "dataset_id": self.dataset_id,\n',
        "api/api_lists::models_are_filtered_and_carry_their_verdict",
    ),
    a_fault(
        "models by base model: all of them",
        "ports/dynamodb/models.py",
        '            "base_model": model.base_model,\n',
        '            "base_model": self.base_model,\n',
        "api/api_lists::models_are_filtered_and_carry_their_verdict",
    ),
    a_fault(
        "jobs by dataset: all of them",
        "ports/dynamodb/job_history.py",
        "dataset_id is None or job.dataset_id == dataset_id",
        "dataset_id is None or bool(job.dataset_id)",
        "api/api_lists::jobs_are_listed_by_dataset_and_by_name",
    ),
    a_fault(
        "jobs by search: all of them",
        "ports/dynamodb/job_history.py",
        "lambda job: job.name, asked)",
        'lambda job: asked.search or "", asked)',
        "api/api_lists::jobs_are_listed_by_dataset_and_by_name",
    ),
    a_fault(
        "API keys without their last use",
        "functions/api/accounts/key_care.py",
        '{"last_used_at": used.get(key.id)}',
        '{"last_used_at": used.get("")}',
        "security/who_is_out::a_key_shows_its_end_and_its_last_use",
    ),
    a_fault(
        "a cost without the job's name",
        "jobs/termination.py",
        "        job_name=job.name,\n        dataset_name=job.dataset.name,\n"
        "        job_status=job.status,\n        cost_type=CostType.TRAINING_COMPUTE,\n",
        "        dataset_name=job.dataset.name,\n"
        "        job_status=job.status,\n        cost_type=CostType.TRAINING_COMPUTE,\n",
        "pipeline/budget_pauses::the_bill_of_a_finished_job_has_what_the_estimate_had",
    ),
    a_fault(
        "a cost without the job's ending",
        "jobs/termination.py",
        "        job_status=job.status,\n        cost_type=CostType.TRAINING_COMPUTE,\n",
        "        cost_type=CostType.TRAINING_COMPUTE,\n",
        "pipeline/budget_pauses::the_bill_of_a_finished_job_has_what_the_estimate_had",
    ),
)
