"""Commands without their start: a process that has loaded the product once makes a child for each, with files and arguments of its own."""

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import IO, Any

COLUMNAR = frozenset({"query", "export", "segment", "scores", "groups", "influence", "rebuild"})


class Forks:
    """`run` answers as `subprocess.run` does. The environment is that of the first command; whoever changes it makes new forks."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = dict(environment)
        self._server: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-m", __name__], env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, arguments: list[str], cwd: Path) -> "subprocess.CompletedProcess[str]":
        """A command of `vincle`, or "-c" and some lines of Python. Raises OSError when the process that makes the children is gone."""
        with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
            asked = {"arguments": arguments, "cwd": str(cwd), "files": [f"/proc/{os.getpid()}/fd/{each.fileno()}" for each in (out, err)]}
            answer = self._ask(json.dumps(asked))
            return subprocess.CompletedProcess(["vincle", *arguments], int(answer), _text(out), _text(err))

    def _ask(self, line: str) -> str:
        asked, told = self._server.stdin, self._server.stdout
        assert asked
        assert told
        asked.write(line + "\n")
        asked.flush()
        if not (answer := told.readline()):
            raise OSError("the process that makes the children is gone")
        return answer

    def stop(self) -> None:
        self._server.kill()
        self._server.wait()
        for pipe in (self._server.stdin, self._server.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _serve() -> None:
    from vincle.project import cli

    cli.set_up()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        _prepare(asked["arguments"][0])
        child = os.fork()
        if not child:
            _become(asked)
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _prepare(name: str) -> None:
    """What a command needs is loaded for those after it as well."""
    from vincle.project.cli import COMMANDS

    if name in COMMANDS:
        import_module(f"vincle.project.commands.{COMMANDS[name]}")
    if name in COLUMNAR:
        import_module("vincle.analyse.actions")


def _become(asked: dict[str, Any]) -> None:
    """The command itself, in a child; never returns."""
    code = 70
    try:
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        for number, path in enumerate(asked["files"], 1):
            with open(path, "r+b") as file:
                os.dup2(file.fileno(), number)
        os.chdir(asked["cwd"])
        code = _run(asked["arguments"])
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _run(arguments: list[str]) -> int:
    from vincle.project.cli import main

    sys.argv = ["vincle", *arguments]
    try:
        if arguments[0] == "-c":
            exec(compile(arguments[1], "<test>", "exec"), {"__name__": "__main__"})
        else:
            main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        atexit._run_exitfuncs()
    return 0


if __name__ == "__main__":
    _serve()
