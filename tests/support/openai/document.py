"""Our `/v1` document against the models and parameters of the installed `openai` package.

A request must take at least what theirs sends, an answer may give at most what theirs knows. Each
claim about a field is one check of the conformance number; a claim that does not hold is either
waived, with its reason, or wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from openai import types
from openai.types import fine_tuning
from openai.types.fine_tuning.jobs import CheckpointListParams, FineTuningJobCheckpoint
from openai.types.uploads import PartCreateParams, UploadPart
from pydantic import BaseModel

from functions.api.openapi_v1 import document_v1

Schema = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One call: what it is of, the parameters theirs sends, and the object theirs reads."""

    resource: str
    route: str
    sends: Any
    reads: type[BaseModel] | None
    is_list: bool = False


_JOBS, _ONE = "/v1/fine_tuning/jobs", "/v1/fine_tuning/jobs/{job_id}"
OPERATIONS = (
    Operation("files", "POST /v1/files", types.FileCreateParams, types.FileObject),
    Operation("files", "GET /v1/files", types.FileListParams, types.FileObject, is_list=True),
    Operation("files", "GET /v1/files/{file_id}", None, types.FileObject),
    Operation("files", "DELETE /v1/files/{file_id}", None, types.FileDeleted),
    Operation("files", "GET /v1/files/{file_id}/content", None, None),
    Operation("uploads", "POST /v1/uploads", types.UploadCreateParams, types.Upload),
    Operation("uploads", "POST /v1/uploads/{upload_id}/parts", PartCreateParams, UploadPart),
    Operation(
        "uploads",
        "POST /v1/uploads/{upload_id}/complete",
        types.UploadCompleteParams,
        types.Upload,
    ),
    Operation("uploads", "POST /v1/uploads/{upload_id}/cancel", None, types.Upload),
    Operation(
        "fine_tuning",
        f"POST {_JOBS}",
        fine_tuning.JobCreateParams,
        fine_tuning.FineTuningJob,
    ),
    Operation(
        "fine_tuning",
        f"GET {_JOBS}",
        fine_tuning.JobListParams,
        fine_tuning.FineTuningJob,
        is_list=True,
    ),
    Operation("fine_tuning", f"GET {_ONE}", None, fine_tuning.FineTuningJob),
    Operation("fine_tuning", f"POST {_ONE}/cancel", None, fine_tuning.FineTuningJob),
    Operation("fine_tuning", f"POST {_ONE}/pause", None, fine_tuning.FineTuningJob),
    Operation("fine_tuning", f"POST {_ONE}/resume", None, fine_tuning.FineTuningJob),
    Operation(
        "fine_tuning",
        f"GET {_ONE}/events",
        fine_tuning.JobListEventsParams,
        fine_tuning.FineTuningJobEvent,
        is_list=True,
    ),
    Operation(
        "fine_tuning",
        f"GET {_ONE}/checkpoints",
        CheckpointListParams,
        FineTuningJobCheckpoint,
        is_list=True,
    ),
    Operation("models", "GET /v1/models", None, types.Model, is_list=True),
    Operation("models", "GET /v1/models/{model_id}", None, types.Model),
    Operation("models", "DELETE /v1/models/{model_id}", None, types.ModelDeleted),
)

WAIVERS = {
    "fine_tuning answer .status": "`paused`: the example of OpenAI's own document answers it when a"
    " job is paused, its list of statuses leaves it out; all three majors take it",
    "fine_tuning answer .tuning": "what OpenAI has no word for stands in one object beside it",
    "files request .purpose": "nothing but fine-tuning is done here: another purpose is refused by"
    " its field",
}
"""What does not hold, and why that is right."""


@dataclass(frozen=True)
class Check:
    """One claim about one field of one call."""

    operation: Operation
    where: str
    claim: str
    holds: bool

    @property
    def name(self) -> str:
        return f"{self.operation.resource} {self.where}"


def checks() -> Iterator[Check]:
    """Yield every claim about every call."""
    described = document_v1()
    for operation in OPERATIONS:
        method, path = operation.route.split()
        ours = described["paths"][path][method.lower()]
        compared = _Compared(operation, described)
        yield Check(operation, "call", "is described", bool(ours))
        yield from compared.request(ours)
        yield from compared.answer(ours)


class _Compared:
    def __init__(self, operation: Operation, described: Schema) -> None:
        self.operation = operation
        self.ours = described["components"]["schemas"]
        self.theirs: Schema = {}

    def _check(self, where: str, claim: str, *, holds: bool) -> Check:
        return Check(self.operation, where, claim, holds)

    # ---- requests: at least theirs

    def request(self, ours: Schema) -> Iterator[Check]:
        if self.operation.sends is None:
            return
        taken = {each["name"]: each["schema"] for each in ours.get("parameters", [])}
        for media in ours.get("requestBody", {}).get("content", {}).values():
            taken |= self._properties(media["schema"])
        yield from self._takes("request ", self.operation.sends, taken)

    def _takes(self, where: str, theirs: Any, ours: Schema) -> Iterator[Check]:
        for name, hint in get_type_hints(theirs).items():
            place = f"{where}.{name}"
            yield self._check(place, "is taken", holds=name in ours)
            if name not in ours:
                continue
            yield from self._values(place, hint, ours[name])
            for inner in _typed_dicts(hint):
                known = self._properties(ours[name])
                if known:
                    yield from self._takes(place, inner, known)

    def _values(self, place: str, hint: Any, ours: Schema) -> Iterator[Check]:
        sent = set(_literals(hint))
        listed = self._listed(ours)
        if sent and listed is not None:
            yield self._check(place, "takes every value", holds=sent <= listed)

    def _properties(self, schema: Schema) -> Schema:
        found: Schema = {}
        for option in self._options(schema):
            found |= option.get("properties", {})
        return found

    def _options(self, schema: Schema) -> list[Schema]:
        if "$ref" in schema:
            return self._options(self.ours[schema["$ref"].rpartition("/")[2]])
        return [option for each in schema.get("anyOf", []) for option in self._options(each)] or [
            schema
        ]

    def _listed(self, schema: Schema) -> set[Any] | None:
        """Return the values a schema lists; None where it takes others too."""
        listed: set[Any] = set()
        for option in self._options(schema):
            if option.get("type") == "null":
                continue
            named = _named(option)
            if not named:
                return None
            listed |= named
        return listed

    # ---- answers: at most theirs

    def answer(self, ours: Schema) -> Iterator[Check]:
        if self.operation.reads is None:
            return
        given = ours["responses"]["200"]["content"]["application/json"]["schema"]
        whole = self.operation.reads.model_json_schema()
        self.theirs = whole.get("$defs", {})
        if self.operation.is_list:
            page = self._properties(given)
            yield self._check("answer page", "says whether there is more", holds="has_more" in page)
            given = page["data"]["items"]
        yield from self._gives("answer ", given, whole)

    def _gives(self, where: str, ours: Schema, theirs: Schema) -> Iterator[Check]:
        known, needed = self._known(theirs)
        given = self._properties(ours)
        for name in needed:
            yield self._check(f"{where}.{name}", "is given", holds=name in given)
        for name, schema in given.items():
            place = f"{where}.{name}"
            yield self._check(place, "is known there", holds=name in known)
            if name in known:
                yield from self._fits(place, schema, known[name])

    def _fits(self, place: str, ours: Schema, theirs: Schema) -> Iterator[Check]:
        allowed = [self._resolved(each) for each in theirs.get("anyOf", [theirs])]
        if any("type" not in each for each in allowed):
            return  # theirs takes anything
        for option in self._options(ours):
            kind = option.get("type", "")
            same = [each for each in allowed if kind in _ALSO.get(each["type"], {each["type"]})]
            yield self._check(place, f"may be {kind}", holds=bool(same))
            if same and option.get("properties"):
                yield from self._gives(place, option, same[0])
            if same and "items" in option:
                yield from self._gives(f"{place}[]", option["items"], same[0]["items"])
        named = [_named(each) for each in allowed if each["type"] != "null"]
        if all(named):
            mine = self._listed(ours)
            holds = mine is not None and mine <= set().union(*named)
            yield self._check(place, "is one of their values", holds=holds)

    def _resolved(self, schema: Schema) -> Schema:
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.theirs[name] if name else schema

    def _known(self, theirs: Schema) -> tuple[Schema, list[str]]:
        whole = self._resolved(theirs)
        return whole.get("properties", {}), whole.get("required", [])


_ALSO = {"number": {"number", "integer"}}
"""What is a number may come as a whole one."""


def _named(schema: Schema) -> set[Any]:
    """Return the values a schema lists; nothing where it lists none."""
    return set(schema.get("enum", [])) | ({schema["const"]} if "const" in schema else set())


def _typed_dicts(hint: Any) -> Iterator[Any]:
    if is_typeddict(hint):
        yield hint
    for inner in get_args(hint):
        yield from _typed_dicts(inner)


def _literals(hint: Any) -> Iterator[str]:
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    if get_origin(hint) in {Union, UnionType}:
        for inner in get_args(hint):
            yield from _literals(inner)
