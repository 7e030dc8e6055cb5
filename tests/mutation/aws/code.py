"""Faults of the code that show on an AWS account only: its key, hosts, limits, time and memory."""

from tests.mutation.fault import Fault

_LAYER = "layers/shared/brightrun/"
_KEY = f"{_LAYER}ports/runpod/key.py"
_KEY_TESTS = ("tests/integration/pipeline/test_provider_key.py",)
_KILLED = ("tests/integration/pipeline/test_killed_steps.py",)
_PARTS = ("tests/integration/api/test_native_parts.py",)

FAULTS = (
    Fault(
        "B2: a wrong parameter is not named",
        f"{_LAYER}settings.py",
        '"; ".join(_words_of(problem) for problem in error.errors())',
        "str(error)",
        ("tests/unit/test_settings.py",),
    ),
    Fault(
        "B3: the newline after a key is sent",
        _KEY,
        "self._read().strip()",
        "self._read()",
        _KEY_TESTS,
    ),
    Fault(
        "B3: a key is read once in the life of a process",
        _KEY,
        "        if response.status_code in REFUSED and self._has_changed():\n",
        "        if False:\n",
        _KEY_TESTS,
    ),
    Fault(
        "B3: a request that cannot be sent counts as unclear",
        f"{_LAYER}ports/runpod/jobs.py",
        "_NEVER_SENT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)\n",
        "_NEVER_SENT = ()\n",
        _KEY_TESTS,
    ),
    Fault(
        "B4: what DynamoDB left out is asked for at once",
        f"{_LAYER}ports/dynamodb/batches.py",
        "                table.sleep(pause)\n",
        "",
        ("tests/unit/ports/test_usage_totals.py",),
    ),
    Fault(
        "M2: URLs are signed for the general host",
        f"{_LAYER}runtime.py",
        '"addressing_style": "virtual", ',
        "",
        ("tests/unit/ports/test_signed_hosts.py",),
    ),
    Fault(
        "M3, M4: a try that kills its function is not counted",
        f"{_LAYER}ports/dynamodb/work_queue.py",
        '            "tries": item.tries + is_try,\n',
        '            "tries": item.tries,\n',
        _KILLED,
    ),
    Fault(
        "M7: a mail leads nowhere",
        "functions/process_jobs/notifications.py",
        "    note = with_whole_link(note, deps.settings.pages_url)\n",
        "",
        ("tests/integration/pipeline/test_outbox.py",),
    ),
    Fault(
        "M8: every report moves its job to another place of the index",
        f"{_LAYER}jobs/execution/worker_messages.py",
        "    if job.due_at is not None and job.due_at > clock.after(two_reports):\n",
        "    if False:\n",
        ("tests/unit/jobs/test_worker_messages.py",),
    ),
    Fault(
        "m1: text is as long as a job has lines",
        "functions/api/long_answers.py",
        "        if size_bytes > MOST_BYTES:\n",
        "        if False:\n",
        ("tests/integration/security/test_fair_shares.py",),
    ),
    Fault(
        "m2: a cold start loads every resource",
        "functions/api/app.py",
        "from functions.api.native import native_part\n",
        "from functions.api.native import native_part, native_resolver\n\nnative_resolver()\n",
        _PARTS,
    ),
    Fault(
        "m2: a resource has no part",
        "functions/api/native.py",
        '    "/api/limits": _limits,\n',
        "",
        _PARTS,
    ),
    Fault(
        "m2: two threads build a model at once",
        f"{_LAYER}records.py",
        "        with _BUILDING:\n",
        "        if _BUILDING:\n",
        ("tests/unit/test_deferred_models.py",),
    ),
    Fault(
        "m3: an unproven address is somebody's",
        "functions/authorizer/app.py",
        'claims.get("email") if _is_true(claims.get("email_verified")) else None',
        'claims.get("email")',
        ("tests/integration/authorizer/test_authorizer.py",),
    ),
    Fault(
        "m16: a report names one step twice",
        f"{_LAYER}jobs/worker_bounds.py",
        "    points = {point.step: point for point in message.points}\n",
        "    points = dict(enumerate(message.points))\n",
        ("tests/unit/jobs/test_worker_bounds.py",),
    ),
)
