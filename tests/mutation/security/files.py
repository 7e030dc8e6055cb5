"""Faults by which a file costs others, or is another than was validated: H1, M1, L9."""

from tests.mutation.fault import Fault

_RULES = "layers/shared/brightrun/"
_VALIDATION = f"{_RULES}datasets/validation/"
_UNIT = "tests/unit/datasets/validation/"
_SECURITY = "tests/integration/security/"
_KILLED = "tests/integration/pipeline/test_killed_steps.py"
_TRUTH = f"{_SECURITY}test_storage_truth.py"
_SHARES = f"{_SECURITY}test_fair_shares.py"

FAULTS = (
    Fault(
        "H1: a try that kills its function is not counted",
        f"{_RULES}ports/dynamodb/work_queue.py",
        '            "tries": item.tries + is_try,',
        '            "tries": item.tries,',
        (
            "tests/unit/test_work_loop.py::test_a_due_item_is_claimed_for_its_lease_and_its_try_counted_before_the_step",
        ),
    ),
    Fault(
        "H1: a validation has no end of its own",
        "functions/validate_dataset/validate.py",
        "            has_time=lambda: deps.now() < until,\n",
        "",
        (f"{_KILLED}::test_a_validation_has_an_end_of_its_own",),
    ),
    Fault(
        "H1: the second pass has no end of its own",
        f"{_VALIDATION}validator.py",
        "        judge.note_near(near_duplicates(_in_time(second_pass, has_time)))",
        "        judge.note_near(near_duplicates(second_pass))",
        (f"{_UNIT}test_hostile_files.py",),
    ),
    Fault(
        "H1: rows without end are read",
        f"{_VALIDATION}validator.py",
        "        if batch.following > MAX_ROWS:",
        "        if batch.following > MAX_ROWS * 1000:",
        (f"{_UNIT}test_hostile_files.py",),
    ),
    Fault(
        "H1: what only looks like one is looked at for ever",
        f"{_VALIDATION}secrets_and_pii.py",
        "        return self._in_vain[kind.name] > ",
        "        return self._in_vain[kind.name] > 1e18 + ",
        (f"{_UNIT}test_secrets_and_pii.py",),
    ),
    Fault(
        "H1: the one look misses a kind",
        f"{_VALIDATION}secrets_and_pii.py",
        '    return _search("|".join(kind.sign for group in groups for kind in group.kinds))',
        '    return _search("|".join(g.kinds[0].sign for g in groups[:-1]))',
        (f"{_UNIT}test_suspect_kinds.py", f"{_UNIT}test_secrets_and_pii.py"),
    ),
    Fault(
        "H1: a quick look takes too much for granted",
        f"{_VALIDATION}suspect_kinds.py",
        '    "[0-9]{4}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]",',
        '    "[0-9]{4}(?:[ -][0-9]{4}){2}[ -]?[0-9]",',
        (f"{_UNIT}test_secrets_and_pii.py",),
    ),
    Fault(
        "H1: a line with an escape is searched for what it shows alone",
        f"{_VALIDATION}secrets_and_pii.py",
        '        if b"\\\\u" not in raw:',
        "        if True:",
        (f"{_UNIT}test_suspect_kinds.py",),
    ),
    Fault(
        "H1: a check digit is summed wrong",
        f"{_VALIDATION}suspect_kinds.py",
        "bytes(sum(divmod(2 * digit, 10)) for digit in range(10))",
        "bytes(2 * digit % 10 for digit in range(10))",
        (f"{_UNIT}test_suspect_kinds.py",),
    ),
    Fault(
        "H1: repeats are looked for within a part by line",
        f"{_VALIDATION}row_hashes.py",
        "            part = parts[key % count]",
        "            part = parts[line % count]",
        (f"{_UNIT}test_hostile_files.py",),
    ),
    Fault(
        "H1: a user may have any number of files read at once",
        f"{_RULES}ports/dynamodb/validation_turns.py",
        "AT_ONCE = 2\n",
        "AT_ONCE = 200\n",
        (f"{_SECURITY}test_turns.py",),
    ),
    Fault(
        "H1: users take no turns",
        f"{_RULES}datasets/lifecycle.py",
        "        place[dataset.user_id] += 1\n",
        "",
        (f"{_SECURITY}test_turns.py",),
    ),
    Fault(
        "H1: a place is kept by a validator that died",
        f"{_RULES}ports/dynamodb/validation_turns.py",
        "(before.until if before else {}).items() if at > now}",
        "(before.until if before else {}).items()}",
        (f"{_SECURITY}test_turns.py",),
    ),
    Fault(
        "H4: a preview reads as far as it likes",
        f"{_RULES}datasets/tokenizing/preview.py",
        "        if read_bytes > MAX_READ_BYTES:",
        "        if read_bytes > 1 << 60:",
        (f"{_SHARES}::test_a_preview_reads_no_further_than_it_may",),
    ),
    Fault(
        "M1: a preview shows the newest file",
        "functions/api/datasets/preview_dataset.py",
        "read_chunks(deps.store, dataset.storage_path, version_id=dataset.version_id)",
        "read_chunks(deps.store, dataset.storage_path)",
        (f"{_TRUTH}::test_a_put_after_validation_does_not_change_what_is_shown",),
    ),
    Fault(
        "M1: a worker is given the newest file",
        "functions/api/worker_protocol.py",
        "sign_download(deps.store, job.dataset_path, version_id=job.dataset_version_id)",
        "sign_download(deps.store, job.dataset_path)",
        (f"{_TRUTH}::test_a_put_after_validation_costs_no_gpu",),
    ),
    Fault(
        "M1: a GPU is started for a file that changed",
        "functions/process_jobs/dispatch.py",
        "    return found is None or found.etag != job.dataset_etag",
        "    return False",
        (
            f"{_TRUTH}::test_a_put_after_validation_costs_no_gpu",
            f"{_TRUTH}::test_a_file_that_is_gone_costs_no_gpu",
        ),
    ),
    Fault(
        "M1: a validator reads the newest file",
        "functions/validate_dataset/validate.py",
        "    chunks = _hashed(objects.read_chunks(deps.store, key, version_id=version), digest)",
        "    chunks = _hashed(objects.read_chunks(deps.store, key), digest)",
        (f"{_TRUTH}::test_what_was_confirmed_is_what_is_validated",),
    ),
    Fault(
        "M1: a file stays that comes after its dataset was deleted",
        "functions/validate_dataset/uploads.py",
        "        objects.remove_object(deps.store, key)\n",
        "",
        (f"{_TRUTH}::test_the_file_of_a_deleted_dataset_goes_and_none_comes_after_it",),
    ),
    Fault(
        "L9: an answer may be larger than Lambda passes on",
        "functions/api/edge.py",
        "    return len(body) > LARGEST_ANSWER_BYTES // 4 and ",
        "    return False and ",
        (f"{_SHARES}::test_an_answer_that_no_function_could_pass_on_is_refused_in_words",),
    ),
    Fault(
        "L9: a text log is as long as it is",
        "functions/api/long_answers.py",
        "        if size_bytes > MOST_BYTES:",
        "        if size_bytes > 1 << 60:",
        (f"{_SHARES}::test_a_text_longer_than_an_answer_is_cut_at_a_line_and_says_so",),
    ),
)
