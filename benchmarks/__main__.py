"""Run all benchmarks, or those named: `make bench ARGS="imports log"`."""

import sys
from importlib import import_module

from .common import machine

NAMES = (
    "imports",
    "reading",
    "collector",
    "log",
    "screens",
    "engines",
    "queues",
    "identity",
    "identity_graph",
    "segments",
    "sentiment",
    "listening",
    "influence",
    "inbox",
    "outbox",
    "service",
    "outage",
    "honesty",
    "journeys",
    "surveys",
    "value",
    "attribution",
)


def main() -> None:
    print(machine())
    for name in sys.argv[1:] or NAMES:
        import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main()
