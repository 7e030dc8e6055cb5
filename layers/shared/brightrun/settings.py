"""What is configured, read once by `runtime.production()`; validated before anything runs."""

from decimal import Decimal

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables with the prefix `BRIGHTRUN_`; see docs/configuration.md.

    What differs between stages has no default.
    """

    model_config = SettingsConfigDict(env_prefix="BRIGHTRUN_", frozen=True, extra="ignore")

    stage: str
    table_name: str
    bucket_name: str
    bus_name: str
    runpod_secret_arn: str = ""
    runpod_api_url: str = "https://api.runpod.ai/v2"
    runpod_management_url: str = "https://api.runpod.io/v2"
    endpoint_max_workers: int = 3
    public_api_url: str = ""
    gpu_endpoints: dict[str, str] = {}
    extra_base_models: str = "[]"
    default_base_model: str = ""
    cognito_client_id: str = ""
    cognito_issuer: str = ""
    cognito_jwks_url: str = ""
    max_dataset_size_mb: int = 500
    max_active_jobs_per_user: int = 20
    max_attempts: int = 3
    submit_lease_seconds: int = 120
    report_interval_seconds: float = 15.0
    heartbeat_lease_seconds: int = 300
    start_lease_seconds: int = 1800
    max_queue_seconds: int = 7200
    max_job_hours: int = 24
    max_collect_failures: int = 5
    max_validation_failures: int = 3
    history_days: int = 365
    mail_from: str = ""
    monthly_limit_usd: Decimal = Decimal(1000)
    storage_flat_usd: Decimal = Decimal("0.50")

    @property
    def max_dataset_size_bytes(self) -> int:
        """The largest file that may be uploaded as a dataset."""
        return self.max_dataset_size_mb * 1024**2
