"""Before Django loads: every test process gets a home folder of its own, removed at its end."""

import atexit
import os
import shutil
import tempfile

import django
import pytest
from django.conf import settings

if settings.configured:
    raise pytest.UsageError("Django was loaded before its home folder was chosen: unset DJANGO_SETTINGS_MODULE and run pytest again.")

HOME = tempfile.mkdtemp(prefix="vincle-test-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.mkdir(os.path.join(HOME, "static"))
if "VINCLE_TEST_TEMPLATE" not in os.environ:  # one for the whole run, by the process that starts the others
    os.environ["VINCLE_TEST_TEMPLATE"] = tempfile.mkdtemp(prefix="vincle-template-")

    def forget(folder: str = os.environ["VINCLE_TEST_TEMPLATE"]) -> None:
        from pathlib import Path

        from tests.project import template

        template.forget(Path(folder))

    atexit.register(forget)
# Set, not defaulted: a worker process inherits the folder of the process that started it.
os.environ["VINCLE_HOME"] = HOME
for name in ("VINCLE_PUBLIC_URL", "VINCLE_HOST", "VINCLE_PORT", "VINCLE_EMAIL_URL", "VINCLE_PROXIES", "VINCLE_SECRET_KEY", "VINCLE_DEBUG"):
    os.environ.pop(name, None)

os.environ["DJANGO_SETTINGS_MODULE"] = "vincle.project.settings"
django.setup()
# Not handed on: in a worker pytest-django would load the settings before that worker has its folder.
del os.environ["DJANGO_SETTINGS_MODULE"]
