"""A Spark cluster for tests: a standalone master and two workers, from the jars that come with pyspark."""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

WAIT = 120


@contextmanager
def cluster(workers: int = 2) -> Iterator[str]:
    """`spark://127.0.0.1:port` of a master that `workers` workers have joined."""
    master, screen = _free_port(), _free_port()
    with tempfile.TemporaryDirectory(prefix="vincle-spark-") as folder:
        started = [_start(folder, "master.Master", "--host", "127.0.0.1", "--port", str(master), "--webui-port", str(screen))]
        url = f"spark://127.0.0.1:{master}"
        try:
            _until(lambda: _joined(screen) == 0)
            for _ in range(workers):
                limits = ("--cores", "1", "--memory", "700m", "--host", "127.0.0.1", "--webui-port", "0", "--work-dir", folder)
                started.append(_start(folder, "worker.Worker", *limits, url))
            _until(lambda: _joined(screen) == workers)
            yield url
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(30)


def _start(folder: str, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    from vincle.engines.spark import java_home

    home = Path(pyspark.__file__).parent
    java = [f"{java_home()}/bin/java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{home}/jars/*"]
    command = [*java, f"org.apache.spark.deploy.{name}", *arguments]
    # Without its version of Scala a worker looks for Spark's source code.
    place = {"SPARK_HOME": str(home), "SPARK_SCALA_VERSION": "2.13", "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": folder}
    with open(Path(folder) / f"{name}.log", "ab") as log:
        return subprocess.Popen(command, env={**os.environ, **place}, stdout=log, stderr=log)


def _joined(screen: int) -> int:
    """How many workers the master knows; -1 while it does not answer."""
    try:
        with urlopen(f"http://127.0.0.1:{screen}/json/", timeout=5) as page:
            return len(json.load(page)["workers"])
    except OSError:
        return -1


def _until(is_so: Callable[[], bool]) -> None:
    ends = monotonic() + WAIT
    while not is_so():
        assert monotonic() < ends, "the Spark cluster did not come up"
        sleep(0.2)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
