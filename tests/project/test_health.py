"""Health screen, /metrics, /healthz and /readyz: true figures, for those who may see them."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import Role, Workspace
from vincle.listen import actions, aside, log
from vincle.listen.models import Connection, Delivery
from vincle.project import health as doctor
from vincle.project import pipeline, state
from vincle.project.options import Settings
from vincle.store import pace
from vincle.store.models import Cursor, Pace
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb


@pytest.fixture(autouse=True)
def lake(db: None) -> Iterator[None]:
    forget_lake()
    cache.delete("health-findings")
    yield
    forget_lake()


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def change(**values: Any) -> None:
        stood = {name: getattr(settings.OPTIONS, name) for name in Settings.__dataclass_fields__}
        monkeypatch.setattr(settings, "OPTIONS", Settings(**{**stood, **values}))

    return change


def bring(workspace: Workspace, rows: int, ago: float = 0) -> None:
    """Rows into the log, received so many seconds ago."""
    source = Connection.objects.get_or_create(workspace=workspace, channel="x", name="test")[0]
    at = timezone.now() - timedelta(seconds=ago)
    acts = [
        Activity(
            verb=Verb.CREATE,
            object_type=ObjectType.NOTE,
            native_id=f"{ago}-{n}",
            happened_at=at,
            actor=HandleRef("x", "zoraida", "Zoraida"),
        )
        for n in range(rows)
    ]
    log.append(source, acts, at)


def page(client: Client, **headers: str) -> str:
    response = client.get(reverse("health:health", kwargs={"workspace": "cafe-lligam"}), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def scraped(client: Client | None = None, **headers: str) -> dict[tuple[str, ...], float]:
    response = (client or Client()).get("/metrics", headers=headers)
    assert response.status_code == 200, response.content
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_lag_counts_rows_and_the_age_of_the_oldest(workspace: Workspace) -> None:
    bring(workspace, 3, ago=500)
    pipeline.follow(("identify",))
    bring(workspace, 2, ago=90)
    found = {stage.name: stage for stage in state.stages()}
    assert (found["identify"].rows, round(found["identify"].seconds, -1)) == (2, 90)
    assert (found["organise"].rows, round(found["organise"].seconds, -1)) == (5, 500)
    pipeline.catch_up()
    assert [(stage.rows, stage.seconds) for stage in state.stages()] == [(0, 0.0)] * (1 + len(pipeline.STEPS))


def test_the_intake_counts_what_waits_to_be_read(workspace: Workspace) -> None:
    actions.receive(actions.connection_for(workspace, "team"), b"{}", timezone.now() - timedelta(seconds=70))
    found = state.intake()
    assert (found.rows, round(found.seconds, -1)) == (1, 70)
    pipeline.catch_up()
    assert state.intake()[1:3] == (0, 0.0)


def test_pace_is_measured_over_the_last_minute_and_kept_for_an_hour(db: None) -> None:
    now = datetime.fromtimestamp(timezone.now().timestamp() // 10 * 10, UTC)
    Pace.objects.bulk_create(Pace(name="identify", at=now - timedelta(seconds=10 * n), done=10_000 - 500 * n, behind=n) for n in range(12))
    Pace.objects.create(name="identify", at=now - timedelta(hours=2), done=0)
    past = pace.history(["identify", "organise"])
    assert past["identify"].lately == 50.0
    assert past["identify"].rates == [50.0] * 11
    assert past["organise"] == ([], [], 0.0)
    pace.note({"identify": pace.Stand(12_000, 3)})
    pace.note({"identify": pace.Stand(12_100, 2)})
    assert Pace.objects.filter(name="identify", at__gte=now).order_by("-at")[0].done == 12_100
    assert not Pace.objects.filter(at__lt=now - timedelta(hours=1, minutes=1)).exists()


def test_the_page_says_above_all_whether_it_keeps_up(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    browser = client_for(Role.OWNER)
    state.sign("steps")
    bring(workspace, 3, ago=1200)
    assert "20 minutes behind" in page(browser)
    pipeline.catch_up()
    cache.delete("health-findings")
    assert "Everything that came in is worked on." in page(browser)
    Cursor.objects.filter(name="organise").update(trouble="OSError: [Errno 28] No space left on device")
    assert "Profiles stands still." in page(browser)


def test_a_look_renews_the_figures_only(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    part = page(client_for(Role.OWNER), **{"HX-Request": "true", "HX-Target": "figures"})
    assert part.startswith('<div class="stack" id="figures"')
    assert "<html" not in part


def test_the_page_asks_few_questions(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    browser = client_for(Role.OWNER)
    bring(workspace, 5)
    pipeline.follow(("identify",))
    aside.put("identify", [1], ValueError("x"))
    page(browser)
    with CaptureQueriesContext(connection) as questions:
        page(browser, **{"HX-Request": "true", "HX-Target": "figures"})
    asked = [each["sql"] for each in questions if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(asked) <= 22, "\n".join(asked)


def test_only_owners_read_the_doctor(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    assert str(settings.HOME) in page(client_for(Role.OWNER))
    told = page(client_for(Role.ADMIN))
    assert str(settings.HOME) not in told
    assert "GiB free" in told


def test_what_is_set_aside_is_counted_beside_the_tab(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    bring(workspace, 3)
    seqs = [seq for (seq, *_) in log.read_new(0, 3)]
    aside.put("identify", seqs, ValueError("x"))
    browser = client_for(Role.OWNER)
    assert '<span class="badge">3</span>' in page(browser)
    assert '<span class="badge">3</span>' in browser.get(reverse("settings:team", kwargs={"workspace": workspace.slug})).content.decode()


def test_the_doctor_tells_of_rows_aside_and_of_steps_that_stand_still(workspace: Workspace) -> None:
    assert doctor.set_aside().state == "good"
    bring(workspace, 1)
    aside.put("identify", [log.last_seq()], ValueError("x"))
    assert doctor.set_aside().state == "warning"
    pipeline.catch_up()
    Cursor.objects.filter(name="identify").update(trouble="Halted: 100 rows in a row failed")
    assert doctor.set_aside().state == "bad"


# /metrics


def test_metrics_are_true(workspace: Workspace) -> None:
    bring(workspace, 7, ago=300)
    pipeline.follow(("identify",))
    aside.put("organise", [log.last_seq()], ValueError("x"))
    Delivery.objects.create(
        workspace=workspace, connection=Connection.objects.get(), channel="x", sha256="", size=0, state=Delivery.State.FAILED
    )
    state.sign("steps")
    found = scraped(host="localhost")
    assert found["vincle_step_lag_rows", "identify"] == 0
    assert found["vincle_step_lag_rows", "organise"] == 7
    assert 299 < found["vincle_step_lag_seconds", "organise"] < 360
    assert found["vincle_step_rows_total", "identify"] == 7
    assert found["vincle_rows_set_aside", "waiting", "organise"] == 1
    assert found["vincle_rows_set_aside", "left_out", "identify"] == 0
    assert found["vincle_deliveries", "failed"] == 1
    assert found["vincle_workers",] == 1
    assert found["vincle_up",] == 1
    assert found["vincle_disk_free_bytes",] > 0
    assert found["vincle_shelf_events",] == 0
    assert any(name == "vincle_build_info" for name, *_ in found)
    assert found["vincle_step_stopped", "organise"] == 0


def test_metrics_hold_nobodys_data(workspace: Workspace) -> None:
    bring(workspace, 1)
    pipeline.catch_up()
    text = Client().get("/metrics", headers={"host": "localhost"}).content.decode().lower()
    assert not any(word in text for word in ("zoraida", "cafe", "lligam", workspace.slug))


def test_metrics_ask_for_the_token_where_one_is_set(db: None, options: Callable[..., None]) -> None:
    options(metrics_token="open sesame")
    assert Client().get("/metrics", headers={"host": "localhost"}).status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer close"}).status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 401
    assert scraped(Authorization="Bearer open sesame")


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, 200),
        ("::1", {"host": "[::1]:8000"}, 200),
        ("127.0.0.1", {"host": "localhost", "X-Forwarded-For": "127.0.0.1"}, 200),
        ("192.0.2.7", {"host": "localhost"}, 401),
        ("127.0.0.1", {"host": "localhost", "X-Forwarded-For": "127.0.0.1, 192.0.2.7"}, 401),
        ("127.0.0.1", {"host": "testserver"}, 401),
        ("", {"host": "localhost"}, 401),
    ],
)
def test_without_a_token_only_this_machine_reads_metrics(db: None, address: str, headers: dict[str, str], status: int) -> None:
    assert Client(REMOTE_ADDR=address).get("/metrics", headers=headers).status_code == status


def test_metrics_say_when_the_database_is_away(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Any:
        raise DatabaseError("away")

    monkeypatch.setattr(state, "stages", fail)
    found = scraped(host="localhost")
    assert found["vincle_up",] == 0
    assert ("vincle_workers",) not in found


# /healthz, /readyz


def test_alive_and_ready(workspace: Workspace) -> None:
    state.sign("steps")
    assert Client().get("/healthz").json()["status"] == "alive"
    told = Client().get("/readyz")
    assert (told.status_code, told.json()["status"]) == (200, "ready")
    assert {name: check["ok"] for name, check in told.json()["checks"].items()} == {
        "database": True, "database set-up": True, "workers": True, "lag": True,
    }  # fmt: skip


def test_what_does_not_keep_pages_from_being_served_is_told_and_no_more(workspace: Workspace) -> None:
    bring(workspace, 2, ago=900)
    told = Client().get("/readyz")
    assert told.status_code == 200
    checks = told.json()["checks"]
    assert not checks["workers"]["ok"]
    assert not checks["lag"]["ok"]
    assert re.search(r"identify is 9\d\d s behind", checks["lag"]["detail"])


def test_without_its_set_up_or_database_it_is_not_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_missing_migrations", lambda: 2)
    told = Client().get("/readyz")
    assert (told.status_code, told.json()["status"]) == (503, "not ready")
    assert told.json()["checks"]["database set-up"]["detail"] == "2 steps behind this version"

    def away(*given: Any) -> Any:
        raise DatabaseError("password of vincle is wrong")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        told = Client().get("/readyz")
    assert (told.status_code, told.json()["status"]) == (503, "no database")
    assert "password" not in told.content.decode()


def test_workers_sign_and_are_forgotten(db: None) -> None:
    state.sign("steps")
    state.sign("intake")
    Cursor.objects.create(name="worker all elsewhere:1:abc", updated_at=timezone.now() - timedelta(minutes=2))
    Cursor.objects.create(name="worker all long-ago:1:abc", updated_at=timezone.now() - timedelta(hours=2))
    assert {worker.part for worker in state.workers()} == {"steps", "intake"}
    state.sign("steps")
    assert not Cursor.objects.filter(name__contains="long-ago").exists()
    assert Cursor.objects.filter(name__startswith="worker").count() == 3
