"""A real personal data server of Bluesky (npm: @atproto/pds) with its directory, on loopback, for the length of a block."""

import fcntl
import json
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

HERE = Path(__file__).parent / "bluesky_pds"
Json = dict[str, Any]


def installed() -> None:
    """The packages that package-lock.json names, fetched once a checkout; skips where that cannot be."""
    if not shutil.which("node") or not shutil.which("npm") or (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("NOT RUN: a Bluesky server needs Node.js and npm on 64-bit Linux; scripts/test.py installs them")
    lock, made = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    with (HERE / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several test processes may come here at once
        if not made.exists() or made.stat().st_mtime < lock.stat().st_mtime:
            install = ["npm", "install", "--no-save", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(install, cwd=HERE, capture_output=True, text=True, timeout=400, check=False)
            assert done.returncode == 0, f"npm install failed\n{done.stdout}\n{done.stderr}"
            made.touch()


class Account:
    """Somebody on the server, who acts by plain requests."""

    def __init__(self, server: "Pds", name: str) -> None:
        self.handle, self.password = f"{name}.test", f"password of {name}"
        given = {"handle": self.handle, "email": f"{name}@people.example", "password": self.password}
        made = server.asked("POST", "com.atproto.server.createAccount", json=given)
        self._server, self.did, self._token = server, made["did"], made["accessJwt"]

    def do(self, method: str, **value: Any) -> Json:
        return self._server.asked("POST", method, json=value, headers={"authorization": f"Bearer {self._token}"})

    def create(self, collection: str, **record: Any) -> Json:
        """A record; its `uri` and `cid`."""
        whole = {"$type": collection, "createdAt": "2026-11-01T12:00:00.000Z", **record}
        return self.do("com.atproto.repo.createRecord", repo=self.did, collection=collection, record=whole)

    def post(self, text: str, **more: Any) -> Json:
        return self.create("app.bsky.feed.post", text=text, **more)

    def delete(self, uri: str) -> None:
        _, collection, key = uri.removeprefix("at://").split("/")
        self.do("com.atproto.repo.deleteRecord", repo=self.did, collection=collection, rkey=key)

    def records(self, collection: str) -> list[Json]:
        query = {"repo": self.did, "collection": collection, "limit": "100"}
        found: list[Json] = self._server.asked("GET", "com.atproto.repo.listRecords", params=query)["records"]
        return found


class Pds:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url: str = self._told()["server"]
        self._client = httpx.Client(base_url=f"{self.url}/xrpc/", trust_env=False, timeout=20)

    def asked(self, verb: str, method: str, **request: Any) -> Json:
        answer = self._client.request(verb, method, **request)
        assert answer.status_code == 200, f"{method}: {answer.status_code} {answer.text}"
        found: Json = answer.json() if answer.content else {}
        return found

    def account(self, name: str) -> Account:
        return Account(self, name)

    def stop(self) -> None:
        """Nobody answers at its address any more."""
        self._ordered("stop")

    def start(self) -> None:
        """It is back, with all it knew."""
        self._ordered("start")

    def _ordered(self, word: str) -> None:
        self._input.write(f"{word}\n")
        self._input.flush()
        assert self._told() == {"done": word}

    @property
    def _input(self) -> IO[str]:
        assert self._process.stdin
        return self._process.stdin

    def _told(self) -> Json:
        assert self._process.stdout
        while line := self._process.stdout.readline():
            if line.startswith("{"):
                found: Json = json.loads(line)
                return found
        raise AssertionError(f"the server ended with {self._process.wait(5)}")


@contextmanager
def pds() -> Iterator[Pds]:
    """The server, in a folder of its own."""
    installed()
    folder = tempfile.mkdtemp(prefix="vincle-pds-")
    command = ["node", "start.cjs", folder]
    process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield Pds(process)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
