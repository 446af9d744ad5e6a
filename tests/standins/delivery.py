"""Webhooks as providers send them: the same one again until somebody takes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

_LONGEST_PAUSE = 0.5


class Undelivered(TimeoutError):
    """A webhook got no 2xx before its deadline."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that arrived: the first good answer, and every attempt as a status or an error."""

    answer: httpx.Response
    attempts: tuple[str, ...]


def persist(
    post: Callable[[], httpx.Response], *, deadline: float, pause: float, give_up: threading.Event
) -> Delivery:
    """Post until there is a 2xx, with pauses that grow from ``pause`` seconds.

    Raises ``Undelivered`` after ``deadline`` seconds, or when ``give_up`` is set.
    """
    attempts: list[str] = []
    until = time.monotonic() + deadline
    while True:
        try:
            answer = post()
        except httpx.TransportError as error:
            attempts.append(type(error).__name__)
        else:
            attempts.append(str(answer.status_code))
            if answer.is_success:
                return Delivery(answer, tuple(attempts))
        if time.monotonic() + pause > until or give_up.wait(pause):
            raise Undelivered(f"no 2xx: {attempts}")
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def repeat(once: Callable[[], Delivery], copies: int, *, at_once: bool) -> Delivery:
    """Several copies of a webhook, each as stubborn as the first, one by one or ``at_once``."""
    if at_once:
        with ThreadPoolExecutor(copies) as pool:
            futures = [pool.submit(once) for _ in range(copies)]
            deliveries = [future.result() for future in futures]
    else:
        deliveries = [once() for _ in range(copies)]
    attempts = tuple(attempt for each in deliveries for attempt in each.attempts)
    return Delivery(deliveries[0].answer, attempts)
