"""Structured logs: JSON lines in production, readable lines in development."""

from __future__ import annotations

import logging

import structlog


def configure(environment: str, level: str) -> None:
    """Set up structlog and the libraries' logging alike.

    No event may carry a citizen's text: ids, keys, counts and times only.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if environment == "development"
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
    )
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=level)
    # It logs whole addresses, and a citizen's number may stand in one.
    logging.getLogger("httpx").setLevel(logging.WARNING)
