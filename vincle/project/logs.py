"""Log lines: readable on a terminal, JSON for a collector. They say what happened to what, never what someone wrote or who they are.

Whatever is bound by `structlog.contextvars` stands on each line within: `worker`, `step`, `workspace`, `delivery`, `channel`.
"""

import logging
import sys
import traceback
from typing import Any

import structlog
from django.conf import settings
from structlog.typing import EventDict, Processor, WrappedLogger


def configure() -> None:
    """Set up structlog and the standard library's logging from the settings; both give lines of one shape."""
    options = settings.OPTIONS
    level = getattr(logging, options.log_level.upper(), logging.INFO)
    renderer: Processor = (
        structlog.processors.JSONRenderer() if options.log_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if level <= logging.DEBUG else trace_without_words,
    ]  # fmt: skip
    structlog.configure(
        processors=[*shared, renderer], wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr), cache_logger_on_first_use=True,
    )  # fmt: skip
    handler = logging.StreamHandler(sys.stderr)
    ours = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared], processors=ours)
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    if level > logging.DEBUG:  # pages that are not there or not allowed: the addresses people try are theirs
        logging.getLogger("django.request").setLevel(logging.ERROR)
    for name in ("uvicorn", "uvicorn.error", "django", "django.server"):  # lines go up to the one handler
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def trace_without_words(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Where an error came from and of what kind it is. Its message may quote a person's words: VINCLE_LOG_LEVEL=DEBUG shows it."""
    error = _error_of(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = "".join([*traceback.format_tb(error.__traceback__), type(error).__name__])
    return event


def _error_of(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None
