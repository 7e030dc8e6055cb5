"""Faults by which a worker's word reaches further than it may: C1, M2, M3, L1, L3, L5."""

from tests.mutation.fault import Fault

_RULES = "layers/shared/brightrun/"
_BOUNDS = f"{_RULES}jobs/worker_bounds.py"
_NUMBERS = f"{_RULES}training/bounds.py"
_BOUNDED = "tests/unit/jobs/test_worker_bounds.py"
_READABLE = "tests/unit/ports/test_readable.py"
_SHARES = "tests/integration/security/test_fair_shares.py"
_UNREADABLE = "tests/integration/pipeline/test_unreadable.py"

FAULTS = (
    Fault(
        "C1: an amount may be no number",
        _NUMBERS,
        "Amount = Annotated[float, Field(ge=0, le=_BEYOND_SENSE, allow_inf_nan=False)]",
        "Amount = float",
        (f"{_BOUNDED}::test_a_number_that_must_be_one_is_refused_when_it_is_none",),
    ),
    Fault(
        "C1: a measurement may be infinite",
        _NUMBERS,
        "known = value is not None and math.isfinite(value) and abs(value) <= _BEYOND_SENSE",
        "known = value is not None",
        (f"{_BOUNDED}::test_a_measurement_that_is_no_number_was_not_measured",),
    ),
    Fault(
        "C1: a record is written that nobody can read back",
        f"{_RULES}ports/dynamodb/items.py",
        "    record_of(item, type(record))\n    return item",
        "    return item",
        (f"{_READABLE}::test_what_could_not_be_read_back_is_never_written",),
    ),
    Fault(
        "C1: the year 1 is written as 1",
        f"{_RULES}records.py",
        'moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"',
        'f"{(m := moment.astimezone(UTC)).year}-" + m.strftime("%m-%dT%H:%M:%S.%fZ")',
        (f"{_READABLE}::test_every_moment_is_text_of_one_length_in_the_order_of_time",),
    ),
    Fault(
        "C1: one record that cannot be read ends the pass",
        f"{_RULES}ports/dynamodb/work_queue.py",
        "                set_aside(table, item, now=now, why=str(error))",
        "                raise",
        (f"{_UNREADABLE}::test_one_unreadable_job_does_not_stop_another_users",),
    ),
    Fault(
        "C1: the last resort raises",
        f"{_RULES}ports/dynamodb/set_aside.py",
        "    except Exception:  # the last resort: the pass must go on, whatever happens here\n"
        '        log.exception("not set aside: %s %s", pk, sk)',
        "    except ZeroDivisionError:\n        pass",
        (_UNREADABLE,),
    ),
    Fault(
        "C1: one step that fails ends the others",
        f"{_RULES}work_loop.py",
        "    except Exception as error:  # the batch boundary, as above\n",
        "    except ZeroDivisionError as error:\n",
        ("tests/unit/test_work_loop.py::test_a_step_that_fails_is_told_and_the_others_go_on",),
    ),
    Fault(
        "C1: health does not say that a cycle broke",
        "functions/process_jobs/app.py",
        "        running.broke = any(p.broke for p in passes)\n",
        "",
        (f"{_UNREADABLE}::test_one_kind_of_work_that_breaks_does_not_stop_the_others",),
    ),
    Fault(
        "C1: a cycle that broke rings no alarm",
        f"{_RULES}ports/dynamodb/heartbeats.py",
        '    log.error("cycle broke: %s", function)\n',
        "",
        (f"{_UNREADABLE}::test_what_broke_and_what_cannot_be_read_are_error_lines",),
    ),
    Fault(
        "M2: a run's id is any text",
        _NUMBERS,
        'RUN_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"',
        'RUN_ID = r"^.{0,127}$"',
        (f"{_BOUNDED}::test_a_run_id_that_could_lead_elsewhere_is_refused",),
    ),
    Fault(
        "M2: a run's id stands in a path as it came",
        f"{_RULES}ports/runpod/jobs.py",
        '    return quote(name, safe="").replace(".", "%2E")',
        "    return name",
        ("tests/integration/ports/test_runpod_paths.py",),
    ),
    Fault(
        "M3: reports may come as fast as they like",
        _BOUNDS,
        "    if ahead > timedelta():",
        "    if ahead > timedelta(days=9):",
        (f"{_BOUNDED}::test_reports_come_no_faster_than_a_third_of_the_interval_but_for_a_burst",),
    ),
    Fault(
        "M3: an attempt may say as many lines as it likes",
        _BOUNDS,
        "    lines = message.lines[: max(0, MAX_LINES - attempt.lines_reported)]",
        "    lines = message.lines",
        (f"{_BOUNDED}::test_lines_and_points_beyond_what_an_attempt_may_say_are_not_kept",),
    ),
    Fault(
        "M3: an attempt may say as many points as it likes",
        _BOUNDS,
        "[: max(0, MAX_POINTS - attempt.points_reported)]",
        "",
        (f"{_BOUNDED}::test_lines_and_points_beyond_what_an_attempt_may_say_are_not_kept",),
    ),
    Fault(
        "M3: a step may lie beyond the plan",
        _BOUNDS,
        "    if max([message.step, message.total_steps, *points]) > most:",
        "    if most < 0:",
        (f"{_BOUNDED}::test_a_step_beyond_the_plan_is_refused",),
    ),
    Fault(
        "M3: an attempt is granted bytes without end",
        _BOUNDS,
        "    if total > MAX_GRANTED_BYTES:",
        "    if total > 1 << 90:",
        (f"{_BOUNDED}::test_an_attempt_is_granted_no_more_than_a_tebibyte",),
    ),
    Fault(
        "M3: what was granted before is not counted",
        _BOUNDS,
        "    total = attempt.granted_bytes + sum(",
        "    total = sum(",
        (f"{_BOUNDED}::test_an_attempt_is_granted_no_more_than_a_tebibyte",),
    ),
    Fault(
        "a worker's clock that is a year wrong is believed",
        _BOUNDS,
        "    return time if abs(time - clock.at) <= _CLOCK_DIFFERENCE else clock.at",
        "    return time",
        (f"{_BOUNDED}::test_a_clock_that_is_years_wrong_is_replaced_by_ours",),
    ),
    Fault(
        "L1: a line of a text log may be a worker's own",
        "functions/api/job_page.py",
        "{escaped(event.message)}",
        "{event.message}",
        (f"{_SHARES}::test_a_text_log_has_no_line_that_a_worker_forged",),
    ),
    Fault(
        "L1: a worker's words may hold escapes",
        _NUMBERS,
        "Message = Annotated[str, Field(max_length=2000), AfterValidator(readable)]",
        "Message = Annotated[str, Field(max_length=2000)]",
        (f"{_BOUNDED}::test_a_workers_words_stand_on_their_own_line",),
    ),
    Fault(
        "L3: a model may hold a pickle",
        _BOUNDS,
        "    return file.name in MODEL_FILES",
        "    return True",
        (f"{_BOUNDED}::test_a_file_that_no_model_holds_is_refused_by_name",),
    ),
    Fault(
        "L3: a checkpoint may hold a pickle",
        _BOUNDS,
        r"\.(safetensors|json|json\.gz)",
        r"\.(safetensors|json|json\.gz|pkl)",
        (f"{_BOUNDED}::test_a_file_that_no_model_holds_is_refused_by_name",),
    ),
    Fault(
        "L5: shown cost goes as fast as the worker says",
        _BOUNDS,
        "    return min(claimed_seconds, max(0.0, (clock.at - began).total_seconds()))",
        "    return claimed_seconds",
        (f"{_BOUNDED}::test_shown_cost_goes_no_faster_than_the_clock",),
    ),
    Fault(
        "L5: a forgotten run is billed as the worker says",
        f"{_RULES}jobs/termination.py",
        "    by_worker = at_work(attempt, clock, reported)",
        "    by_worker = reported",
        (
            f"{_BOUNDED}::test_where_the_provider_has_forgotten_a_run_its_worker_bills_no_more_than_the_clock",
        ),
    ),
)
