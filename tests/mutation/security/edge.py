"""Faults by which an input ends as an accident, or an answer says too much: M4, L2, L4, L6, L7."""

from tests.mutation.fault import Fault

_RULES = "layers/shared/brightrun/"
_SHARES = "tests/integration/security/test_fair_shares.py"
_BOUNDED = "tests/unit/jobs/test_worker_bounds.py"
_WORDS = "tests/integration/security/test_words_of_errors.py"
_ADDRESSES = ("tests/unit/accounts/test_webhook_addresses.py",)

FAULTS = (
    Fault(
        "M4: a hook's address is asked for however long it is",
        "functions/api/routes/hooks.py",
        "    known = all(map(int.__le__, sizes, _LONGEST))",
        "    known = bool(sizes and _LONGEST)",
        (f"{_SHARES}::test_a_hook_of_any_length_is_answered_as_ever",),
    ),
    Fault(
        "M4: costs of the year 1 are asked for",
        f"{_RULES}accounts/costs.py",
        "    if early:",
        "    if False:",
        ("tests/unit/accounts/test_costs.py",),
    ),
    Fault(
        "M4: a cursor of another list is taken",
        f"{_RULES}ports/dynamodb/table.py",
        "    if not low <= key[query.sk_name] <= high:",
        "    if False:",
        (f"{_SHARES}::test_a_cursor_of_another_list_is_refused_by_every_list",),
    ),
    Fault(
        "M4: a cursor into another's partition is taken",
        f"{_RULES}ports/dynamodb/table.py",
        " or key[query.pk_name] != query.pk:",
        ":",
        (f"{_SHARES}::test_a_cursor_of_another_list_is_refused_by_every_list",),
    ),
    Fault(
        "M4: a cursor's parts may be anything",
        f"{_RULES}ports/dynamodb/table.py",
        "    if not all(isinstance(part, str) and 0 < len(part) <= _LONGEST_KEY "
        "for part in key.values()):",
        "    if False:",
        (f"{_SHARES}::test_a_cursor_of_another_list_is_refused_by_every_list",),
    ),
    Fault(
        "M4: a score may be beyond all sense",
        f"{_RULES}datasets/training_files.py",
        "Score = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]",
        "Score = float",
        (f"{_SHARES}::test_a_score_that_is_no_number_within_sense_is_refused",),
    ),
    Fault(
        "M4: two points of one step are written twice",
        f"{_RULES}jobs/worker_bounds.py",
        "    kept = list(points.values())[",
        "    kept = list(message.points)[",
        (f"{_BOUNDED}::test_of_two_points_of_one_step_the_last_counts",),
    ),
    Fault(
        "M4: an absurd time left is an absurd date",
        f"{_RULES}jobs/worker_bounds.py",
        "    return None if seconds is None else min(max(seconds, 0.0), _LONGEST_ETA_SECONDS)",
        "    return seconds",
        (f"{_BOUNDED}::test_an_absurd_time_left_is_no_absurd_date",),
    ),
    Fault(
        "the local stack answers the thirteenth call with an accident",
        "local/front.py",
        "    places = asyncio.Semaphore(CALLS_AT_ONCE)",
        "    places = asyncio.Semaphore(1000)",
        ("tests/unit/local/test_front.py",),
    ),
    Fault(
        "L2: a name may hide how it reads",
        f"{_RULES}names.py",
        "    if not is_plain(name):",
        "    if False:",
        (f"{_SHARES}::test_a_name_that_does_not_read_as_it_is_is_refused",),
    ),
    Fault(
        "L2: a bidi override is plain text",
        f"{_RULES}plain_text.py",
        '_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})',
        '_HIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})',
        ("tests/unit/test_plain_text.py",),
    ),
    Fault(
        "L4: an address may carry another",
        f"{_RULES}public_address.py",
        "    if isinstance(found, IPv6Address) and _carries_another(found):\n",
        "    if False:\n",
        _ADDRESSES,
    ),
    Fault(
        "L4: a webhook goes to many",
        f"{_RULES}public_address.py",
        "    return found.is_global and not found.is_multicast",
        "    return found.is_global",
        _ADDRESSES,
    ),
    Fault(
        "L4: an address that is a number to a resolver is a name",
        f"{_RULES}public_address.py",
        "        return not is_number and not",
        "        return not",
        _ADDRESSES,
    ),
    Fault(
        "L4: a name that leads inside is connected to",
        f"{_RULES}ports/public_web.py",
        "parsed.copy_with(host=_public_address(web, parsed.host))",
        "parsed",
        ("tests/integration/ports/test_public_web.py",),
    ),
    Fault(
        "L4: an address that cannot be asked fails without a word",
        f"{_RULES}ports/public_web.py",
        "    except (httpx.InvalidURL, ValueError) as error:",
        "    except ZeroDivisionError as error:",
        (
            "tests/integration/ports/test_public_web.py::test_a_name_that_no_resolver_takes_fails_in_words",
        ),
    ),
    Fault(
        "L6: browsers are told nothing",
        "functions/api/edge.py",
        '    headers = {**_HEADERS, "Content-Security-Policy": policy, **answer["headers"]}',
        '    headers = {"Content-Security-Policy": policy, **answer["headers"]}',
        (f"{_SHARES}::test_every_answer_has_the_headers_that_keep_a_browser_in_bounds",),
    ),
    Fault(
        "L6: the page of the api may run any script",
        "functions/api/edge.py",
        "    policy = _PAGE_ITSELF if is_page else _NOTHING",
        "    policy = \"default-src * 'unsafe-inline'\" if is_page else _NOTHING",
        (
            "tests/integration/api/test_api_routes.py::test_the_page_of_the_api_runs_no_script_of_its_own_and_names_every_call",
        ),
    ),
    Fault(
        "L7: a user reads of our account what the mail service says",
        f"{_RULES}ports/ses.py",
        'raise ProviderUnavailable(f"mail was not taken ({_code_of(error)})") from error',
        'raise ProviderUnavailable(f"mail was not taken ({error})") from error',
        (f"{_WORDS}::test_a_mail_that_was_not_taken_is_told_by_its_code",),
    ),
    Fault(
        "L7: a user reads of our account what storage says",
        "functions/validate_dataset/validate.py",
        "    reason = str(error) if is_shown else _words_of(error)",
        "    reason = str(error)",
        (f"{_WORDS}::test_a_file_that_could_not_be_read_is_told_in_our_words",),
    ),
    Fault(
        "a sentence of the security page names a test that is not there",
        "docs/security.md",
        "`test_fair_shares.py::test_a_text_log_has_no_line_that_a_worker_forged`",
        "`test_fair_shares.py::test_a_text_log_has_no_forged_line`",
        ("tests/unit/test_security_page.py",),
    ),
)
