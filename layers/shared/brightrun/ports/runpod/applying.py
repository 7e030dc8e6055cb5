"""Carrying a plan out at RunPod, and reading back what came of it: an answer is no proof."""

from collections.abc import Callable

from brightrun.errors import ProviderRefused
from brightrun.ports.runpod.resources import Management, carry_out, see_account
from brightrun.provisioning.account import Account
from brightrun.provisioning.declaration import Declaration
from brightrun.provisioning.difference import Change, make_plan

_CONFLICT = 409


def apply_declaration(
    api: Management,
    stage: str,
    declared: Declaration,
    done: Callable[[Change, str], None] = lambda *_: None,
) -> Account:
    """Bring the account to what is declared and return it; doing it again changes nothing.

    Args:
        done: told of each change that was made, with the thing's id.

    Raises:
        ProviderRefused: the plan has problems, RunPod said no, or it did not take what it accepted.
        ProviderUnavailable: no clear answer; what was made is found by name the next time.
    """
    account = see_account(api)
    plan = make_plan(stage, declared, account)
    if plan.problems:
        raise ProviderRefused("; ".join(plan.problems), _CONFLICT)
    volume_ids = {volume.name: str(volume.id) for volume in account.volumes}
    for change in plan.pending:
        made = carry_out(api, change, volume_ids)
        if change.kind == "volume":
            volume_ids[change.wanted.name] = made
        done(change, made)
    if not plan.pending:
        return account
    after = see_account(api)
    left = make_plan(stage, declared, after)
    if left.problems or left.pending:
        told = [*left.problems, *(_untaken(change) for change in left.pending)]
        raise ProviderRefused(f"RunPod did not take everything: {'; '.join(told)}", _CONFLICT)
    return after


def _untaken(change: Change) -> str:
    differing = ", ".join(f"{f.name} is {f.was!r}" for f in change.fields) or "is not there"
    return f"{change.kind} {change.wanted.name}: {differing}"
