"""What has to change so that the provider has what is declared: nothing more, nothing twice. Pure.

Nothing is ever deleted: what is there and not declared is told, with what it costs at idle.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from brightrun.provisioning.account import (
    Account,
    EndpointState,
    TemplateState,
    VolumeState,
    endpoint_name,
    hourly_worst,
    wanted_endpoint,
    wanted_template,
    wanted_volume,
)
from brightrun.provisioning.cards import NotOffered, Selection, select_cards
from brightrun.provisioning.declaration import Declaration, Endpoint

VOLUME_USD_A_GB_MONTH = Decimal("0.07")
"""Source: https://docs.runpod.io/serverless/pricing; less above a terabyte."""

State = VolumeState | TemplateState | EndpointState


class Action(StrEnum):
    """What a plan does with one thing."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"


@dataclass(frozen=True)
class FieldChange:
    """One field that differs."""

    name: str
    was: object
    becomes: object


@dataclass(frozen=True)
class Change:
    """One thing at the provider, as it should be, and what has to be done for it.

    Attributes:
        id: of the thing that is there; None where it is made.
    """

    action: Action
    wanted: State
    id: str | None = None
    fields: tuple[FieldChange, ...] = ()

    @property
    def kind(self) -> str:
        """What it is, in one word."""
        return {"VolumeState": "volume", "TemplateState": "template"}.get(
            type(self.wanted).__name__, "endpoint"
        )


@dataclass(frozen=True)
class Plan:
    """What would be done, in this order.

    Attributes:
        problems: why nothing may be done; empty when the plan can be carried out.
        notices: what a person should know or do by hand.
    """

    changes: tuple[Change, ...]
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes that are not there yet."""
        return tuple(change for change in self.changes if change.action is not Action.KEEP)


def make_plan(stage: str, declared: Declaration, account: Account) -> Plan:
    """Compare what is declared with what is there."""
    chosen, problems = _cards(declared.endpoints, account)
    changes = [
        *(_change(wanted_volume(v), account.volumes) for v in declared.volumes),
        _change(wanted_template(stage, declared.endpoints[0]), account.templates),
        *(_change(wanted_endpoint(stage, e, c), account.endpoints) for e, c in chosen),
    ]
    problems += [*_duplicates(changes, account), *_refused(changes), *_missing(declared, account)]
    notices = [*_by_hand(stage, declared), *_undeclared(stage, declared, account)]
    return Plan(tuple(changes), tuple(problems), (*_price(chosen, declared), *notices))


def same_name(one: str, other: str) -> bool:
    """Whether two names mean one endpoint: RunPod has put ` -fb` behind those with FlashBoot."""
    return one.removesuffix(" -fb") == other.removesuffix(" -fb")


def _cards(
    endpoints: Sequence[Endpoint], account: Account
) -> tuple[list[tuple[Endpoint, Selection]], list[str]]:
    chosen, problems = [], []
    for endpoint in endpoints:
        try:
            chosen.append((endpoint, select_cards(endpoint.gpu, account.gpus, endpoint.cards)))
        except NotOffered as refusal:
            problems.append(str(refusal))
    return chosen, problems


def _change(wanted: State, there: Iterable[State]) -> Change:
    found = next((state for state in there if same_name(state.name, wanted.name)), None)
    if found is None:
        return Change(Action.CREATE, wanted)
    differing = tuple(_differing(found, wanted))
    return Change(Action.UPDATE if differing else Action.KEEP, wanted, found.id, differing)


def _differing(found: State, wanted: State) -> Iterator[FieldChange]:
    for name in (f.name for f in fields(wanted) if f.compare and f.name != "name"):
        was, becomes = getattr(found, name), getattr(wanted, name)
        if was != becomes and not _is_left_open(name, was, becomes):
            yield FieldChange(name, was, becomes)


def _is_left_open(name: str, was: object, becomes: object) -> bool:
    """Whether a difference is none: RunPod may list every place it chose from, and no tier."""
    return (name == "tier" and was is None) or (name == "data_centers" and not becomes)


def _duplicates(changes: Iterable[Change], account: Account) -> Iterator[str]:
    """Yield what stands twice: which of the two is meant nobody can say, and both may bill."""
    for change in changes:
        there: dict[str, Sequence[State]] = {
            "volume": account.volumes,
            "template": account.templates,
            "endpoint": account.endpoints,
        }
        ids = [str(s.id) for s in there[change.kind] if same_name(s.name, change.wanted.name)]
        if len(ids) > 1:
            named = f"{change.kind} {change.wanted.name}"
            yield f"{named} is there {len(ids)} times ({', '.join(ids)}): delete all but one"


def _refused(changes: Iterable[Change]) -> Iterator[str]:
    """Yield what no update can do: a volume neither shrinks nor moves."""
    for change in changes:
        if not isinstance(change.wanted, VolumeState):
            continue
        for differs in change.fields:
            name = change.wanted.name
            if differs.name == "size_gb" and change.wanted.size_gb < int(str(differs.was)):
                yield f"volume {name} has {differs.was} GB and cannot become smaller"
            elif differs.name != "size_gb":
                yield f"volume {name}: {differs.name} is {differs.was} and cannot change"


def _missing(declared: Declaration, account: Account) -> Iterator[str]:
    if account.secrets is None:
        return
    wanted = {e.hub_token_secret for e in declared.endpoints if e.hub_token_secret}
    known = {name.lower() for name in account.secrets}
    for name in sorted(wanted):
        if name.lower() not in known:
            yield f"the account has no secret {name!r}: make it in RunPod's console, under Secrets"


def _by_hand(stage: str, declared: Declaration) -> Iterator[str]:
    """Yield what RunPod's management API has no field for."""
    for endpoint in declared.endpoints:
        if endpoint.cached_model:
            yield (
                f"by hand: {endpoint_name(stage, endpoint)} > Edit endpoint > Model: "
                f"https://huggingface.co/{endpoint.cached_model} (RunPod's API has no field for it)"
            )


def _undeclared(stage: str, declared: Declaration, account: Account) -> Iterator[str]:
    names = [endpoint_name(stage, endpoint) for endpoint in declared.endpoints]
    for endpoint in account.endpoints:
        ours = endpoint.name.startswith(f"brightrun-{stage}-")
        if ours and not any(same_name(endpoint.name, name) for name in names):
            idle = f", {endpoint.min_workers} workers always on" if endpoint.min_workers else ""
            yield f"not declared, left alone: endpoint {endpoint.name} ({endpoint.id}{idle})"


def _price(chosen: Sequence[tuple[Endpoint, Selection]], declared: Declaration) -> Iterator[str]:
    worst = hourly_worst(chosen)
    if worst is not None:
        yield f"all workers at once: {worst:.2f} USD an hour by RunPod's list"
    for endpoint, _ in chosen:
        if endpoint.min_workers:
            always = f"{endpoint.min_workers} always on, paid for around the clock"
            yield f"workers of {endpoint.parameter_name}: {always}"
    for volume in declared.volumes:
        monthly = volume.size_gb * VOLUME_USD_A_GB_MONTH
        yield f"volume {volume.name}: {monthly:.2f} USD a month, whether anything runs or not"


def endpoint_ids(stage: str, declared: Declaration, account: Account) -> dict[str, str]:
    """Return the template's parameter: GPU type and count to the id of its endpoint."""
    return {
        declaration.parameter_name: found.id
        for declaration in declared.endpoints
        for found in account.endpoints
        if found.id and same_name(found.name, endpoint_name(stage, declaration))
    }
