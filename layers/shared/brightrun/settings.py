"""What is configured, read once by `runtime.production()`; validated before anything runs."""

import os
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator

from brightrun.jobs.limits import Limits
from brightrun.training.catalog import endpoints_by_type, listed_models

PREFIX, LIMITS_PREFIX = "BRIGHTRUN_", "BRIGHTRUN_LIMITS__"
_WORD_STARTS = re.compile(r"(?:^|_)(.)")


class WrongSetting(ValueError):
    """What is configured cannot be used; the message names the parameter and the setting."""


def _json_of(kind: type, words: str) -> Callable[[object], Any]:
    """Return a reader of JSON texts that says what it expected, not where a parser stopped."""

    def read(value: object) -> Any:  # noqa: ANN401 - a validator of the field's own type follows
        if not isinstance(value, str):
            return value
        try:
            known = orjson.loads(value)
        except orjson.JSONDecodeError:
            known = None
        if not isinstance(known, kind):
            raise ValueError(f"{value[:80]!r} is not {words}")  # noqa: TRY004 - a validator's word
        return known

    return read


_ENDPOINTS = _json_of(dict, 'a JSON object such as {"A100-80GB": "abc123"}')
_MODELS = _json_of(list, "a JSON list of base models")


class Settings(BaseModel):
    """Environment variables with the prefix `BRIGHTRUN_`; see docs/configuration.md.

    What differs between stages has no default. The limits are `BRIGHTRUN_LIMITS__MAX_ATTEMPTS`
    and so on. Read by hand: a library that also knows files and command lines costs each cold
    start a tenth of its time.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str
    table_name: str
    bucket_name: str
    bus_name: str
    signing_role_arn: str = ""
    runpod_secret_arn: str = ""
    runpod_api_url: str = "https://api.runpod.ai/v2"
    runpod_management_url: str = "https://api.runpod.io/v2"
    endpoint_max_workers: int = 3
    public_api_url: str = ""
    pages_url: str = ""
    gpu_endpoints: Annotated[dict[str, str], BeforeValidator(_ENDPOINTS)] = {}
    extra_base_models: str = "[]"
    default_base_model: str = ""
    cognito_client_id: str = ""
    cognito_issuer: str = ""
    cognito_jwks_url: str = ""
    cognito_pool_id: str = ""
    max_dataset_size_mb: int = 500
    max_active_jobs_per_user: int = 20
    limits: Limits = Limits()
    history_days: int = 365
    audit_days: int = 400
    deleted_days: int = 30
    calls_per_second: int = 10
    calls_at_once: int = 100
    max_stored_gb_per_user: int = 200
    max_datasets_in_flight: int = 50
    mail_from: str = ""
    monthly_limit_usd: Decimal = Decimal(1000)
    storage_flat_usd: Decimal = Decimal("0.50")

    @field_validator("gpu_endpoints")
    @classmethod
    def _endpoints_are_of_gpus(cls, endpoints: dict[str, str]) -> dict[str, str]:
        """Whether the types are known is for the catalogue to say: a pushed one may have more."""
        endpoints_by_type(endpoints)
        return endpoints

    @field_validator("extra_base_models")
    @classmethod
    def _base_models_can_be_read(cls, listed: str) -> str:
        _MODELS(listed)
        listed_models(listed)
        return listed

    @property
    def max_dataset_size_bytes(self) -> int:
        """The largest file that may be uploaded as a dataset."""
        return self.max_dataset_size_mb * 1024**2


def read_settings() -> Settings:
    """Return what the environment says.

    Raises:
        WrongSetting: something is missing or cannot be used.
    """
    try:
        return Settings.model_validate(_given(os.environ))
    except ValidationError as error:
        raise WrongSetting("; ".join(_words_of(problem) for problem in error.errors())) from None


def _given(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the variables that are ours, by the names of the fields."""
    limits = {
        name.removeprefix(LIMITS_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(LIMITS_PREFIX)
    }
    fields = {name: f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    known = {name: environment[named] for name, named in fields.items() if named in environment}
    return {**known, "limits": limits}


def _words_of(problem: Any) -> str:  # noqa: ANN401 - pydantic's own description of one problem
    path = [str(part) for part in problem["loc"]]
    name = path[1] if path[0] == "limits" and len(path) > 1 else path[0]
    parameter = _WORD_STARTS.sub(lambda start: start[1].upper(), name)
    variable = f"BRIGHTRUN_{'__'.join(path[:2] if path[0] == 'limits' else path[:1])}".upper()
    return f"{parameter} ({variable}): {problem['msg'].removeprefix('Value error, ')}"
