"""Faults by which a worker's word reaches further than it may: C1, M2, M3, L1, L3, L5."""

from tests.mutation.fault import Fault

_RULES = "layers/shared/brightrun/"
_BOUNDS = f"{_RULES}jobs/worker_bounds.py"
_NUMBERS = f"{_RULES}training/bounds.py"
_BOUNDED = ("tests/unit/jobs/test_worker_bounds.py",)
_READABLE = ("tests/unit/ports/test_readable.py",)
_UNREADABLE = ("tests/integration/pipeline/test_unreadable.py",)

FAULTS = (
    Fault(
        "C1: an amount may be no number",
        _NUMBERS,
        "Amount = Annotated[float, Field(ge=0, le=_BEYOND_SENSE, allow_inf_nan=False)]",
        "Amount = float",
        (*_BOUNDED, *_READABLE),
    ),
    Fault(
        "C1: a measurement may be infinite",
        _NUMBERS,
        "known = value is not None and math.isfinite(value) and abs(value) <= _BEYOND_SENSE",
        "known = value is not None",
        (*_BOUNDED, *_READABLE),
    ),
    Fault(
        "C1: a record is written that nobody can read back",
        f"{_RULES}ports/dynamodb/items.py",
        "    record_of(item, type(record))\n    return item",
        "    return item",
        _READABLE,
    ),
    Fault(
        "C1: the year 1 is written as 1",
        f"{_RULES}records.py",
        'moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"',
        'f"{(m := moment.astimezone(UTC)).year}-" + m.strftime("%m-%dT%H:%M:%S.%fZ")',
        _READABLE,
    ),
    Fault(
        "C1: one record that cannot be read ends the pass",
        f"{_RULES}ports/dynamodb/work_queue.py",
        "                set_aside(table, item, now=now, why=str(error))",
        "                raise",
        _UNREADABLE,
    ),
    Fault(
        "C1: the last resort raises",
        f"{_RULES}ports/dynamodb/set_aside.py",
        "    except Exception:  # the last resort: the pass must go on, whatever happens here\n"
        '        log.exception("not set aside: %s %s", pk, sk)',
        "    except ZeroDivisionError:\n        pass",
        _UNREADABLE,
    ),
    Fault(
        "C1: one step that fails ends the others",
        f"{_RULES}work_loop.py",
        "    except Exception as error:  # the batch boundary, as above\n",
        "    except ZeroDivisionError as error:\n",
        ("tests/unit/test_work_loop.py",),
    ),
    Fault(
        "C1: health does not say that a cycle broke",
        "functions/process_jobs/app.py",
        "        running.broke = any(p.broke for p in passes)\n",
        "",
        _UNREADABLE,
    ),
    Fault(
        "C1: a cycle that broke rings no alarm",
        f"{_RULES}ports/dynamodb/heartbeats.py",
        '    log.error("cycle broke: %s", function)\n',
        "",
        (*_UNREADABLE, "tests/unit/template/test_alarms.py"),
    ),
    Fault(
        "M2: a run's id is any text",
        _NUMBERS,
        'RUN_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"',
        'RUN_ID = r"^.{0,127}$"',
        _BOUNDED,
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
        _BOUNDED,
    ),
    Fault(
        "M3: an attempt may say as many lines as it likes",
        _BOUNDS,
        "    lines = message.lines[: max(0, MAX_LINES - attempt.lines_reported)]",
        "    lines = message.lines",
        _BOUNDED,
    ),
    Fault(
        "M3: an attempt may say as many points as it likes",
        _BOUNDS,
        "[: max(0, MAX_POINTS - attempt.points_reported)]",
        "",
        _BOUNDED,
    ),
    Fault(
        "M3: a step may lie beyond the plan",
        _BOUNDS,
        "    if max([message.step, message.total_steps, *points]) > most:",
        "    if most < 0:",
        _BOUNDED,
    ),
    Fault(
        "M3: an attempt is granted bytes without end",
        _BOUNDS,
        "    if total > MAX_GRANTED_BYTES:",
        "    if total > 1 << 90:",
        _BOUNDED,
    ),
    Fault(
        "M3: what was granted before is not counted",
        _BOUNDS,
        "    total = attempt.granted_bytes + sum(",
        "    total = sum(",
        _BOUNDED,
    ),
    Fault(
        "a worker's clock that is a year wrong is believed",
        _BOUNDS,
        "    return time if abs(time - clock.at) <= _CLOCK_DIFFERENCE else clock.at",
        "    return time",
        _BOUNDED,
    ),
    Fault(
        "L1: a line of a text log may be a worker's own",
        "functions/api/job_page.py",
        "{escaped(event.message)}",
        "{event.message}",
        ("tests/integration/security/test_fair_shares.py",),
    ),
    Fault(
        "L1: a worker's words may hold escapes",
        _NUMBERS,
        "Message = Annotated[str, Field(max_length=2000), AfterValidator(readable)]",
        "Message = Annotated[str, Field(max_length=2000)]",
        _BOUNDED,
    ),
    Fault(
        "L3: a model may hold a pickle",
        _BOUNDS,
        "    return file.name in MODEL_FILES",
        "    return True",
        _BOUNDED,
    ),
    Fault(
        "L3: a checkpoint may hold a pickle",
        _BOUNDS,
        r"\.(safetensors|json|json\.gz)",
        r"\.(safetensors|json|json\.gz|pkl)",
        _BOUNDED,
    ),
    Fault(
        "L5: shown cost goes as fast as the worker says",
        _BOUNDS,
        "    return min(claimed_seconds, max(0.0, (clock.at - began).total_seconds()))",
        "    return claimed_seconds",
        _BOUNDED,
    ),
    Fault(
        "L5: a forgotten run is billed as the worker says",
        f"{_RULES}jobs/termination.py",
        "    by_worker = at_work(attempt, clock, reported)",
        "    by_worker = reported",
        _BOUNDED,
    ),
)
