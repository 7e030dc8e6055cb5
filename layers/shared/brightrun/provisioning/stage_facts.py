"""What a look at a stage saw, each part by itself: one that could not be seen says why. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from brightrun.provisioning.account import EndpointState
from brightrun.training.catalog import TrainableModel


@dataclass(frozen=True)
class Unseen:
    """What could not be looked at, and in whose words."""

    why: str


@dataclass(frozen=True)
class Stack:
    """The stack as CloudFormation tells it."""

    name: str
    region: str
    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mail:
    """What SES says of the account and of the address that notifications come from."""

    out_of_sandbox: bool
    sender_verified: bool


@dataclass(frozen=True)
class RunPodAnswer:
    """What RunPod says to the stage's own key.

    Attributes:
        key_accepted: whether it opens anything at all.
        endpoints: by what `GpuEndpoints` calls them; None: there is no such endpoint. One that is
            not named here is there, but a key for jobs alone may not see how it is set up.
    """

    key_accepted: bool
    endpoints: Mapping[str, EndpointState | None] = field(default_factory=dict)


@dataclass(frozen=True)
class StageFacts:
    """Everything that was looked at.

    Attributes:
        stage: how samconfig.toml calls it.
        account: whose credentials these are.
        functions_at_once: how many functions the account may run at once.
        key: whether the secret holds what could be a key.
        offered, tokenizers: base models, and the ids of those whose tokenizer is installed.
        round_trip: None: what was put by a signed address came back the same.
        heard: when each background function last ran.
        people: users of the pool, and administrators among them.
    """

    stage: str
    now: datetime
    account: str | Unseen
    functions_at_once: int | Unseen
    stack: Stack | Unseen
    key: bool | Unseen
    runpod: RunPodAnswer | Unseen
    offered: tuple[TrainableModel, ...]
    tokenizers: frozenset[str] | Unseen
    round_trip: Unseen | None
    heard: Mapping[str, datetime | None] | Unseen
    mail: Mail | Unseen
    people: tuple[int, int] | Unseen
