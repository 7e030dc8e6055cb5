"""What a route asks for beside its parameters: the wires of this process, and who is calling."""

from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.request import Request

from brightrun.accounts.access import owner_of
from brightrun.accounts.record import Principal
from brightrun.errors import Superseded
from brightrun.records import UserId
from brightrun.runtime import Deps
from functions.api.worker_protocol import WorkersAttempt


def _wires(request: Request) -> Deps:
    deps: Deps = request.context["deps"]
    return deps


def _caller(request: Request) -> Principal:
    caller: Principal = request.context["principal"]
    return caller


Wires = Annotated[Deps, Depends(_wires)]
Caller = Annotated[Principal, Depends(_caller)]


def _owner(caller: Caller) -> UserId:
    return owner_of(caller)


def _attempt(request: Request, caller: Caller) -> WorkersAttempt:
    """Return the attempt a worker's token is for. Raises Superseded when the path names another."""
    job_id, number = request.path_parameters["job_id"], int(request.path_parameters["attempt"])
    if caller.user_id is None or (caller.job_id, caller.attempt) != (job_id, number):
        raise Superseded("this token is not for that attempt")
    return WorkersAttempt(caller.user_id, job_id, number)


Owner = Annotated[UserId, Depends(_owner)]
"""The user whose records are meant; raises Unauthenticated for nobody."""

Attempt = Annotated[WorkersAttempt, Depends(_attempt)]
"""The very attempt the worker's token is for, which must be the path's."""
