"""The composition root: the one place where settings, clients and the clock are joined."""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
import httpx
import uuid6
from botocore.config import Config

from brightrun.clock import Clock
from brightrun.jobs.limits import Limits
from brightrun.ports.dynamodb.table import Table
from brightrun.ports.eventbridge import Bus
from brightrun.ports.notification_channels import NotificationChannels
from brightrun.ports.public_web import PublicWeb, resolve
from brightrun.ports.runpod.jobs import RunPod
from brightrun.ports.runpod.key import RunPodKey
from brightrun.ports.s3.catalogs import CurrentCatalog
from brightrun.ports.s3.objects import Store
from brightrun.ports.s3.signing import RoleClient, RoleSessions
from brightrun.ports.ses import Mail
from brightrun.ports.transports import OnFirstUse
from brightrun.ports.user_pool import PoolClient, UserPool
from brightrun.settings import Settings, read_settings
from brightrun.training.catalog import Catalog
from brightrun.training.catalog_document import CatalogDocument, catalog_of, shipped_document

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Bounded everywhere: a call that hangs would eat the function's whole time.
_AWS = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 4, "mode": "standard"},
    signature_version="s3v4",
    max_pool_connections=64,
)

STORAGE = _AWS.merge(
    Config(
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        read_timeout=120,  # a copy inside the store is silent until it is done, and is no small one
    )
)
"""What is signed names the bucket's own region: the general host redirects a new bucket's first day
elsewhere, and a redirect stores nothing. An endpoint that is no name keeps its plain paths."""


_CONNECTIONS = httpx.Limits(max_connections=64)


@dataclass(frozen=True)
class Deps:
    """Everything a handler may touch. Tests build their own; nothing is patched."""

    settings: Settings
    table: Table
    store: Store
    bus: Bus
    runpod: RunPod
    catalog: Catalog
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    sleep: Callable[[float], None]
    api_answers: Callable[[], bool] = lambda: True
    """Whether a worker could reach our own API now."""
    channels: NotificationChannels | None = None
    """None: notifications stay in the house."""
    web: PublicWeb | None = None
    """None: no file is fetched from where a worker other than ours says that it lies."""
    catalogs: CurrentCatalog | None = None
    """None: `catalog` holds; else it is what held when this process began."""
    users: UserPool | None = None
    """None: nobody is asked whether a user may sign in."""

    @property
    def limits(self) -> Limits:
        """The pipeline's patience, as it is configured."""
        return self.settings.limits

    def current(self) -> "Deps":
        """Return the wires with the catalogue that holds now: for one request, or one cycle."""
        if self.catalogs is None:
            return self
        return replace(self, catalog=self.catalogs.at(self.now()))

    def clock(self) -> Clock:
        """Return the present moment, as rules want it."""
        return Clock(self.now(), self.new_id)


@cache
def production() -> Deps:
    """Return the wires of this process, built at the first call and kept while it is warm.

    RunPod's key is fetched when the first request to RunPod needs it, so that a function
    without the right to read it never asks.

    Raises:
        WrongSetting: a parameter is missing or cannot be used; its name stands in the message.
    """
    settings, web = read_settings(), _public_web()
    store = Store(boto3.client("s3", config=STORAGE), settings.bucket_name, _sessions(settings))
    shipped = shipped_document()
    return Deps(
        settings=settings,
        table=Table(
            boto3.resource("dynamodb", config=_AWS).meta.client,
            settings.table_name,
            history_days=settings.history_days,
            audit_days=settings.audit_days,
        ),
        store=store,
        bus=Bus(_events, settings.bus_name),
        runpod=_runpod(settings),
        catalog=_offered(settings, shipped, _now().date()),
        catalogs=CurrentCatalog(store, partial(_offered, settings), shipped),
        now=_now,
        new_id=lambda: str(uuid6.uuid7()),
        new_secret=lambda: secrets.token_urlsafe(32),
        sleep=time.sleep,
        api_answers=partial(_api_answers, settings.public_api_url),
        channels=_channels(settings, web),
        web=web,
        users=UserPool(_cognito, settings.cognito_pool_id) if settings.cognito_pool_id else None,
    )


def _sessions(settings: Settings) -> RoleSessions | None:
    """Who signs URLs; asked for when the first one is signed."""
    role_arn = settings.signing_role_arn
    return RoleSessions(_sts, role_arn, _storage_of, _now) if role_arn else None


@cache
def _sts() -> RoleClient:
    client: RoleClient = boto3.client("sts", config=_AWS)
    return client


def _storage_of(granted: Mapping[str, str]) -> "S3Client":
    return boto3.client(
        "s3",
        config=STORAGE,
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
    )


@cache
def _events() -> "EventBridgeClient":
    """Made when there is something to tell: who only reads never waits for it."""
    return boto3.client("events", config=_AWS)


def _now() -> datetime:
    return datetime.now(UTC)


def _offered(settings: Settings, document: CatalogDocument, on: date) -> Catalog:
    return catalog_of(
        document, settings.gpu_endpoints, on=on, extra_base_models=settings.extra_base_models
    )


@cache
def _cognito() -> PoolClient:
    """Made when somebody is first asked about: most functions never do."""
    client: PoolClient = boto3.client("cognito-idp", config=_AWS)
    return client


def _api_answers(url: str) -> bool:
    """Ask our own API the way a worker does; without an address there is nothing to doubt."""
    if not url:
        return True
    try:
        return httpx.get(f"{url}/api/health", timeout=10.0).is_success
    except httpx.HTTPError:
        return False


def _channels(settings: Settings, web: PublicWeb) -> NotificationChannels:
    """A client of SES costs a cold start its time: only where mail is sent."""
    sender = settings.mail_from
    mail = Mail(boto3.client("sesv2", config=_AWS), sender) if sender else None
    return NotificationChannels(mail, web)


def _public_web() -> PublicWeb:
    """Strangers' servers get five seconds a word, and no second address to send us to.

    Their addresses may carry a key, and httpx would log them.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    client = httpx.Client(
        timeout=5.0,
        follow_redirects=False,
        trust_env=False,
        transport=OnFirstUse(partial(httpx.HTTPTransport, trust_env=False)),
    )
    return PublicWeb(client, resolve)


def _runpod(settings: Settings) -> RunPod:
    """One key for both services; the management API gets little patience: nothing waits for it."""
    key = RunPodKey(partial(_runpod_key, settings.runpod_secret_arn))
    jobs = httpx.Client(
        base_url=settings.runpod_api_url,
        auth=key,
        timeout=httpx.Timeout(10.0, connect=5.0),
        transport=OnFirstUse(partial(httpx.HTTPTransport, limits=_CONNECTIONS)),
    )
    management = httpx.Client(
        base_url=settings.runpod_management_url,
        auth=key,
        timeout=httpx.Timeout(4.0, connect=2.0),
        transport=OnFirstUse(httpx.HTTPTransport),
    )
    return RunPod(jobs, time.sleep, management)


def _runpod_key(secret_arn: str) -> str:
    client: SecretsManagerClient = boto3.client("secretsmanager", config=_AWS)
    return client.get_secret_value(SecretId=secret_arn)["SecretString"]
