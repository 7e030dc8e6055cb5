"""What is configured, read once by `runtime.production()`; validated before anything runs."""

from decimal import Decimal

from pydantic_settings import BaseSettings, SettingsConfigDict

from brightrun.jobs.limits import Limits


class Settings(BaseSettings):
    """Environment variables with the prefix `BRIGHTRUN_`; see docs/configuration.md.

    What differs between stages has no default. The limits are `BRIGHTRUN_LIMITS__MAX_ATTEMPTS`
    and so on.
    """

    model_config = SettingsConfigDict(
        env_prefix="BRIGHTRUN_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    stage: str
    table_name: str
    bucket_name: str
    bus_name: str
    runpod_secret_arn: str = ""
    runpod_api_url: str = "https://api.runpod.ai/v2"
    runpod_management_url: str = "https://api.runpod.io/v2"
    endpoint_max_workers: int = 3
    public_api_url: str = ""
    pages_url: str = ""
    gpu_endpoints: dict[str, str] = {}
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
    calls_per_second: int = 10
    calls_at_once: int = 100
    max_stored_gb_per_user: int = 200
    max_datasets_in_flight: int = 50
    mail_from: str = ""
    monthly_limit_usd: Decimal = Decimal(1000)
    storage_flat_usd: Decimal = Decimal("0.50")

    @property
    def max_dataset_size_bytes(self) -> int:
        """The largest file that may be uploaded as a dataset."""
        return self.max_dataset_size_mb * 1024**2
