"""What starts, starts light: a process brings only the libraries it works with."""

import os
import subprocess
import sys

HEAVY = (
    "ibis",
    "pyarrow",
    "pandas",
    "duckdb",
    "deltalake",
    "numpy",
    "openpyxl",
    "pyspark",
    "chdb",
    "opentelemetry",
    "httpx",
    "imapclient",
    "websockets",
)


def loaded(module: str) -> set[str]:
    code = f"import django; django.setup()\nimport sys, {module}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "vincle.project.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_collector_brings_no_columnar_library() -> None:
    assert loaded("vincle.project.front") == set()


def test_a_worker_brings_none_before_it_needs_one() -> None:
    assert loaded("vincle.project.worker") == set()
