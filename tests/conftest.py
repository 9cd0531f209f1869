"""What every test may ask for: a workspace, someone of each role, a signed-in browser, the stock of real files."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases
from django.utils import translation
from hypothesis import settings as examples

from tests.project import template
from vincle.accounts.models import Membership, Role, User, Workspace

# The same examples in every run: what fails here fails everywhere. EXPLORE=1 looks for new ones.
examples.register_profile("repeatable", derandomize=True, deadline=None)
if not os.environ.get("EXPLORE"):
    examples.load_profile("repeatable")
PASSWORD = "correct horse battery"
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_finish() -> None:
    """What was loaded stays: it is not looked through for garbage again and again (a sixth of the time of a run)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True)
def _in_the_usual_language() -> Iterator[None]:
    """What a page of an earlier test was asked for in is forgotten."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as in the product: threads and other processes see one database and wait for each other as they do there."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(settings.HOME / "test.sqlite3")
        database["OPTIONS"]["init_command"] = database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None) -> Iterator[None]:
    """The migrations of a run are applied once, in the template; this process begins with a copy of it and finds nothing to do."""
    with django_db_blocker.unblock():
        name, server = connection.creation._get_test_db_name(), os.environ.get("DATABASE_URL", "")
        template.copy(Path(name), name, server)
        setup_databases(verbosity=0, interactive=False, keepdb=True, serialized_aliases=[])
    yield
    with django_db_blocker.unblock():
        connection.close()
    template.drop(Path(name), name, server)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files, beside the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"shared data absent: {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(slug="cafe-lligam", name="Cafè Lligam", country="ES", currency="EUR", timezone="Europe/Madrid")


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    return Workspace.objects.create(slug="bakery", name="The Other Bakery", country="IT", currency="EUR", timezone="Europe/Rome")


@pytest.fixture
def member(workspace: Workspace) -> Callable[..., User]:
    """`member(role)`: a user with this role in `workspace`, made at the first call; `member(role, other)`: in another one."""

    def make(role: str = Role.VIEWER, where: Workspace = workspace) -> User:
        email = f"{role}@{where.slug}.example"
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD, name=f"{role.title()} {where.name}")
        Membership.objects.get_or_create(workspace=where, user=user, defaults={"role": role})
        return user

    return make


@pytest.fixture
def owner(member: Callable[..., User]) -> User:
    return member(Role.OWNER)


@pytest.fixture
def client_for(member: Callable[..., User]) -> Callable[..., Client]:
    """`client_for(role)`: a browser in which a member with this role is signed in."""

    def make(role: str = Role.VIEWER, **options: Any) -> Client:
        client = Client(**options)
        client.force_login(member(role))
        return client

    return make


@pytest.fixture
def in_thread() -> Iterator[Callable[[Callable[[], None]], Thread]]:
    """`in_thread(work)`: runs it in a thread with a database connection of its own; waits for it and re-raises at the end."""
    threads: list[tuple[Thread, list[BaseException]]] = []

    def start(work: Callable[[], None]) -> Thread:
        failed: list[BaseException] = []

        def run() -> None:
            try:
                work()
            except BaseException as error:
                failed.append(error)
            finally:
                connection.close()

        thread = Thread(target=run, daemon=True)
        threads.append((thread, failed))
        thread.start()
        return thread

    yield start
    for thread, failed in threads:
        thread.join(20)
        if failed:
            raise failed[0]


ONCE, BOTH = ("tests/test_docs.py", "tests/browser/"), ("first_run", "inbox", "import")
"""What goes through commands and browsers runs on one database, but for the main flows: every stage answers for itself on both."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The second run, on another database, repeats only what touches the database."""
    if not os.environ.get("VINCLE_TEST_ONLY_DATABASE"):
        return

    def touches(item: pytest.Item) -> bool:
        if item.nodeid.startswith(ONCE) and not any(f"/test_{flow}.py" in item.nodeid for flow in BOTH):
            return False
        return bool(item.get_closest_marker("django_db") or {"db", "transactional_db", "place"} & set(getattr(item, "fixturenames", ())))

    config.hook.pytest_deselected(items=[item for item in items if not touches(item)])
    items[:] = [item for item in items if touches(item)]


TOGETHER = (
    *("tests/browser/", "tests/channels/test_bluesky_server.py", "tests/channels/test_mail_server.py", "tests/engines/test_spark.py"),
    *("tests/identify/linkage/test_spark.py", "tests/test_docs.py"),
)  # fmt: skip


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests that share a running installation stay in one worker. (xdist 3.8 loses its own groups with pytest 9.2, silently.)"""
    from xdist.scheduler import LoadGroupScheduling

    class Together(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    return Together(config, log)
