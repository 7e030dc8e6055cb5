"""Faults of collecting what a worker other than ours left at addresses."""

from tests.mutation.jobs_files import a_fault

_OTHERS = "pipeline/other_workers::"
_FETCHED = "pipeline/fetched_files::"

FAULTS = (
    a_fault(
        "the answer of another worker is not read",
        "jobs/execution/verdicts.py",
        "    verdict = attempt.finish or terminal or _from_output(seen)\n",
        "    verdict = attempt.finish or terminal\n",
        _OTHERS + "its_files_are_fetched_proven_and_published_as_any_model",
    ),
    a_fault(
        "files of another worker are fetched in clear text",
        "public_address.py",
        '        "must be https://" if parts.scheme != "https" else\n',
        "",
        _OTHERS + "an_answer_that_is_not_what_was_ordered_fails_the_job_and_says_why",
        "ports/public_web::what_is_no_https_address_of_a_public_host_is_not_asked",
    ),
    a_fault(
        "files of another worker are fetched from any address",
        "public_address.py",
        "    return found.is_global and not found.is_multicast\n",
        "    return bool(found)\n",
        _OTHERS + "an_answer_that_is_not_what_was_ordered_fails_the_job_and_says_why",
        "ports/public_web::a_name_that_leads_inside_is_never_connected_to",
    ),
    a_fault(
        "a public name that leads inside is followed",
        "ports/public_web.py",
        "    if not addresses or not all(map(is_public, addresses)):\n",
        "    if not addresses:\n",
        "ports/public_web::a_name_that_leads_inside_is_never_connected_to",
    ),
    a_fault(
        "the name is resolved once more for the connection",
        "ports/public_web.py",
        "parsed.copy_with(host=_public_address(web, parsed.host))",
        "parsed.copy_with(host=_public_address(web, parsed.host) and parsed.host)",
        "ports/public_web::the_connection_goes_to_the_address_that_was_looked_at",
    ),
    a_fault(
        "a file that says it is too large is read",
        "functions/create_artifacts/fetch_files.py",
        "        if (incoming.size_bytes or 0) > self._most_bytes:\n",
        "        if (incoming.size_bytes or 0) < 0:\n",
        _FETCHED + "a_file_that_says_it_is_too_large_is_not_read",
    ),
    a_fault(
        "a file without an end is read for ever",
        "functions/create_artifacts/fetch_files.py",
        "            if come > self._most_bytes:\n",
        "            if come < 0:\n",
        _FETCHED + "a_file_without_an_end_is_read_up_to_its_limit",
    ),
    a_fault(
        "a file that drips holds the function",
        "functions/create_artifacts/fetch_files.py",
        "            if self._deps.now() >= self._until:\n                raise OutOfTime\n"
        "        if incoming",
        "        if incoming",
        _FETCHED + "a_file_that_drips_holds_no_function_and_ends",
    ),
    a_fault(
        "all passes together have no end",
        "jobs/completion/fetching.py",
        "    if clock.at - (attempt.ended_at or clock.at) > LONGEST:\n",
        "    if clock.at < (attempt.ended_at or clock.at):\n",
        "unit/jobs/fetching::a_file_that_still_comes_after_two_hours_ends_the_job",
    ),
    a_fault(
        "each pass begins a large file anew",
        "functions/create_artifacts/fetch_files.py",
        "        self._upload = before if before is not None and before.name == name else None\n",
        "        self._upload = None if before is not None and before.name == name else before\n",
        _FETCHED + "a_large_file_comes_in_several_passes_and_goes_on_where_it_was",
    ),
    a_fault(
        "parts of two contents make one file",
        "functions/create_artifacts/fetch_files.py",
        "        changed |= upload.etag is not None and incoming.etag not in {None, upload.etag}\n",
        "",
        _FETCHED + "a_file_that_has_changed_meanwhile_begins_anew",
    ),
    a_fault(
        "a page that asks for a login is a model",
        "functions/create_artifacts/fetch_files.py",
        "        if complaint is not None:\n",
        "        if complaint == 0:\n",
        _FETCHED + "a_file_that_is_none_of_its_kind_is_no_model",
    ),
    a_fault(
        "files of another worker have no checksum of their own",
        "functions/create_artifacts/fetch_files.py",
        "        sha256 = hashlib.sha256(body).hexdigest()\n        return StoredFile(",
        '        sha256 = "0" * 64\n        return StoredFile(',
        _OTHERS + "its_files_are_fetched_proven_and_published_as_any_model",
    ),
    a_fault(
        "a pickle is fetched",
        "jobs/completion/fetching.py",
        "        if name in MODEL_FILES - {TERMINAL} and name not in there\n",
        "        if name not in there\n",
        _OTHERS + "a_pickle_among_its_files_is_left_where_it_lies",
        "unit/jobs/fetching::only_files_of_a_model_that_have_not_come_are_fetched",
    ),
    a_fault(
        "a model of another base model is taken",
        "jobs/execution/verdicts.py",
        "    if said.base_model and said",
        "    if False and said",
        _OTHERS + "an_answer_that_is_not_what_was_ordered_fails_the_job_and_says_why",
    ),
    a_fault(
        "who never asked for the dataset has trained on it",
        "jobs/execution/verdicts.py",
        "    if attempt.started_at is None:\n",
        "    if attempt.number < 0:\n",
        _OTHERS + "who_never_asked_for_the_dataset_has_trained_on_none",
    ),
)
