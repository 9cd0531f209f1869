"""The table on an S3-compatible store: written and read as on disk, once, and mirrored for the engine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.fs
import pytest
from deltalake.exceptions import CommitFailedError
from django.conf import settings

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import Workspace
from vincle.analyse import actions
from vincle.engines.base import Query
from vincle.engines.table import Bucket, lake
from vincle.listen import log
from vincle.listen.models import Connection
from vincle.organise import warehouse
from vincle.project import pipeline
from vincle.vocabulary import Activity, Retraction

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = os.environ.get("VINCLE_OUTSIDE_PYTHON") or str(ROOT / ".venv-outside" / "bin" / "python")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
Say = Callable[..., Activity]


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """Address of an S3 server of our own."""
    if not Path(OUTSIDE).exists():
        pytest.skip(f"no S3 server to test with: {OUTSIDE} is absent (make test makes it)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([OUTSIDE, "-m", "moto.server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[pyarrow.fs.FileSystem]:
    """The product set to a bucket of this test; yields the files of the lake there."""
    values = {"AWS_ENDPOINT_URL": store, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    place = f"lakes/{abs(hash(request.node.name))}"
    files = pyarrow.fs.S3FileSystem(
        access_key="key", secret_key="secret", region="us-east-1", endpoint_override=store, allow_bucket_creation=True
    )
    files.create_dir("lakes")
    forget_lake()
    monkeypatch.setattr("vincle.engines._places.LOOK", 0.0)  # who reads looks at each question whether there is something new
    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, lake_url=f"s3://{place}/"))
    yield pyarrow.fs.SubTreeFileSystem(place, files)
    forget_lake()


def listed(files: pyarrow.fs.FileSystem) -> list[str]:
    return [found.path for found in files.get_file_info(pyarrow.fs.FileSelector("", recursive=True, allow_not_found=True)) if found.is_file]


def loaded() -> list[dict[str, Any]]:
    return sorted(warehouse.tables()["activity"].read().to_pylist(), key=lambda row: row["seq"])


def counted(workspace: Workspace) -> int:
    query = Query("count", lambda tables, _: tables.activity.agg(n=tables.activity.count()), {})
    return int(warehouse.engine().run(query, workspace.pk)["n"][0].as_py())


def test_what_happened_goes_to_the_bucket_and_is_asked_about(workspace: Workspace, say: Say, bucket: pyarrow.fs.FileSystem) -> None:
    act = say("ana", NOON)
    say("leo", NOON + timedelta(days=30))
    pipeline.catch_up()
    assert [row["month"] for row in loaded()] == ["2026-03", "2026-04"]
    assert counted(workspace) == 2
    assert {path.split("/")[0] for path in listed(bucket)} == {"activity", "handle", "person", "match"}
    assert not (Path(settings.HOME) / "lake").exists()
    source = Connection.objects.get(workspace=workspace, channel="x", name="test")
    log.append(source, [Retraction(native_id=act.native_id, happened_at=NOON)], NOON)
    pipeline.catch_up()
    assert counted(workspace) == 1
    status = warehouse.status()
    assert (status.rows, status.lag) == (1, 0)
    written = warehouse.tables()["activity"].written_at()
    assert written is not None
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60


def test_a_kill_between_commit_and_cursor_loads_nothing_twice(
    say: Say, bucket: pyarrow.fs.FileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("ana", NOON)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vincle.analyse.actions.lease.advance", die)
        with pytest.raises(KeyboardInterrupt):
            pipeline.catch_up()
    warehouse.tables.cache_clear()
    pipeline.catch_up()
    assert len(loaded()) == 1


def test_of_two_writers_one_is_refused(say: Say, bucket: pyarrow.fs.FileSystem) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    stale = lake(warehouse.where())["activity"]
    rows = stale.read()
    say("leo", NOON)
    pipeline.catch_up()
    stale._newest = lambda **_: 0  # type: ignore[method-assign]
    with pytest.raises(CommitFailedError):
        stale.append(rows, warehouse.writer(), 99)
    assert len(loaded()) == 2


def test_a_reader_elsewhere_sees_the_newest_version_soon(
    workspace: Workspace, say: Say, bucket: pyarrow.fs.FileSystem, tmp_path: Path
) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    where = warehouse.where()
    assert isinstance(where, Bucket)
    elsewhere = lake(replace(where, mirror=tmp_path))["activity"]
    assert elsewhere.count() == 1
    say("leo", NOON)
    pipeline.catch_up()
    time.sleep(0.6)
    assert elsewhere.count() == 2
    version, files = elsewhere.files()
    assert version == warehouse.tables()["activity"].version()
    assert all(Path(file).is_relative_to(tmp_path) and Path(file).stat().st_size for file in files)


def test_small_files_are_joined_and_copies_of_old_ones_go(
    workspace: Workspace, say: Say, bucket: pyarrow.fs.FileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = warehouse.tables()["activity"]
    for n in range(14):
        say(f"u{n}", NOON + timedelta(minutes=n))
        pipeline.catch_up()
        table.files()
    _, files = table.files()
    assert len(files) < 13
    copies = set((warehouse.folder() / "activity").rglob("*.parquet"))
    assert copies > set(map(Path, files))
    later = time.monotonic() + 4000
    monkeypatch.setattr("vincle.engines._places.monotonic", lambda: later)
    say("ana", NOON)
    pipeline.catch_up()
    _, files = table.files()
    assert set((warehouse.folder() / "activity").rglob("*.parquet")) == set(map(Path, files))
    assert counted(workspace) == 15


def test_a_bucket_that_was_emptied_is_filled_again(say: Say, bucket: pyarrow.fs.FileSystem) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    before = loaded()
    bucket.delete_dir_contents("", accept_root_dir=True)
    time.sleep(0.6)
    pipeline.catch_up()
    assert loaded() == before
    assert actions.reload() > 0
    assert loaded() == before


def test_a_place_that_is_no_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="s3://"):
        Bucket("ftp://lakes/here", Path(sys.prefix))
