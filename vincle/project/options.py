"""Every setting of an installation, typed and in one place. `docs/reference/settings.md` is generated from here."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any


def setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True)
class Settings:
    """Read from the environment: `home` is VINCLE_HOME, `port` is VINCLE_PORT, and so on."""

    home: Path = setting(Path("var"), "Folder of everything that is stored: database, raw deliveries, the open table, keys. Back this up.")
    database_url: str = setting("", "PostgreSQL as postgresql://user:password@host:port/name. Empty: SQLite in the home folder.")
    host: str = setting("127.0.0.1", "Address the web process listens on.")
    port: int = setting(8000, "Port of pages and collector.")
    public_url: str = setting("", "Address under which people reach Vincle, e.g. https://crm.example.org. Empty: http://host:port.")
    allowed_hosts: str = setting(
        "localhost,127.0.0.1,[::1]", "Host names that are answered, separated by commas. The host of public_url is added."
    )
    secret_key: str = setting("", "Key that signs sessions and links. Empty: made once and kept in the home folder.")
    credentials_key: str = setting(
        "", "Keys that encrypt secrets of connected platforms, one a line; the first seals. Empty: one is kept in the home folder."
    )
    debug: bool = setting(False, "Detailed error pages. Never on a machine others can reach.")
    page_threads: int = setting(8, "Pages that are rendered at the same time.")
    log_level: str = setting("INFO", "Least important message that is logged: DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = setting(False, "Log lines as JSON, for a log collector.")
    metrics_token: str = setting("", "Secret that /metrics asks for as a bearer token. Empty: only this machine itself may read it.")
    telemetry_url: str = setting("", "OTLP/HTTP endpoint that traces are sent to, e.g. http://localhost:4318. Empty: none are made.")
    ready_lag: int = setting(300, "Seconds a step may be behind before /readyz and the Health screen say so.")
    email_url: str = setting(
        "", "Mail server for invitations, as smtp://user:password@host:587 (smtps:// for TLS). Empty: mails are written to the log."
    )
    email_from: str = setting("Vincle <vincle@localhost>", "Sender of Vincle's own mails.")
    webhooks_private: bool = setting(False, "Whether connections and webhooks of alerts may reach addresses of the own network.")
    import_max_bytes: int = setting(2 * 1024**3, "Largest file an import takes, in bytes.")
    proxies: int = setting(0, "Trusted reverse proxies in front: how many X-Forwarded-For entries may be believed.")
    lake_url: str = setting(
        "",
        "Where the open table lies: s3://bucket/prefix on an S3-compatible store, reached by the usual AWS_* variables (AWS_ENDPOINT_URL, "
        "AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY). Empty: lake/ in the home folder.",
    )
    engine: str = setting("duckdb", "Which engine answers questions about the activities: duckdb, clickhouse or spark.")
    engine_url: str = setting(
        "",
        "Where that engine is. clickhouse: clickhouse://user:password@host:8123/database, with ?secure=1 for TLS and ?cluster=name for a "
        "cluster, or chdb:///folder for one process. spark: spark://host:7077, or local[2]. Empty for duckdb.",
    )
    duckdb_memory: str = setting("1GB", "Most memory the analysis engine takes.")
    duckdb_threads: int = setting(2, "Threads of the analysis engine.")


def env_name(name: str) -> str:
    return "DATABASE_URL" if name == "database_url" else f"VINCLE_{name.upper()}"


def _parse(name: str, kind: Any, text: str) -> Any:
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False, "": False}[
                text.lower()
            ]
        return kind(text)
    except (KeyError, ValueError) as error:
        raise SystemExit(f"{env_name(name)}: '{text}' is not a {kind.__name__}") from error


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; ends the program with a sentence when one cannot be read."""
    environ = os.environ if environ is None else environ
    values = {f.name: _parse(f.name, f.type, environ[env_name(f.name)]) for f in fields(Settings) if env_name(f.name) in environ}
    return Settings(**values)


def reference() -> str:
    """The settings as a Markdown table, for the reference and its test."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for f in fields(Settings):
        assert f.default is not MISSING
        rows.append(f"| `{env_name(f.name)}` | `{f.default}` | {f.metadata['help']} |")
    return "\n".join(rows) + "\n"


def kept_secret(home: Path, name: str) -> str:
    """A secret of this installation, made at the first call and kept in a file only the owner can read."""
    path = home / "keys" / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()
