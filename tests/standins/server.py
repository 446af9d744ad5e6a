"""The common part of the stand-ins: a server in a thread, faults, records and calls back.

Every method that posts waits for the answer. A test whose gateway runs in the test's own event
loop calls it through ``asyncio.to_thread``.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Generic, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from tests.standins.delivery import Delivery, Undelivered, persist, repeat
from tests.standins.faults import QUICK, Fault, Faults

_START_SECONDS = 10.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Callback:
    """A call back about an outgoing message. ``answer`` is ``None`` if it never got a 2xx."""

    message: str
    kind: str
    answer: httpx.Response | None


Sent = TypeVar("Sent")


class StandIn(Generic[Sent]):
    """A provider on a loopback port, from ``with`` to the end of its block.

    ``stop`` and ``start`` take the API away and bring it back on the same port.
    """

    def __init__(self, routes: Sequence[BaseRoute], *, patience: float) -> None:
        """``patience``: seconds the provider waits for an answer to its webhooks."""
        self.webhook = ""
        self.faults, self.query_faults = Faults(), Faults()
        self.slow_seconds = 1.0
        self.callback_deadline = 0.0  # seconds to repeat a failed call back; 0: one attempt
        self.list_lag = 0.0  # seconds until an accepted message shows in lists
        self._app = Starlette(routes=list(routes))
        self._client = httpx.Client(timeout=patience, trust_env=False)
        self._public: dict[str, str] = {}
        self._changed = threading.Condition()
        self._sent: list[Sent] = []
        self._requests: Counter[str] = Counter()
        self._callbacks: list[Callback] = []
        self._pool = ThreadPoolExecutor(max_workers=16)
        self._closing, self._down = threading.Event(), threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    # The server.

    @property
    def url(self) -> str:
        """The base URL of the API, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Serve. Raises ``RuntimeError`` if the server does not come up."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._down.clear()
        server = uvicorn.Server(
            uvicorn.Config(
                self._app,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # the client's address names its connection, in _reset
                timeout_graceful_shutdown=1,
            )
        )
        self._server = server
        self._thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        self._thread.start()
        until = time.monotonic() + _START_SECONDS
        while not server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise RuntimeError("the stand-in did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Refuse connections. What is under way ends first, or after a second."""
        self._down.set()
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    # Records.

    @property
    def sent(self) -> list[Sent]:
        """The outgoing messages that were accepted, oldest first."""
        with self._changed:
            return list(self._sent)

    @property
    def requests(self) -> Counter[str]:
        """How many requests ended how: ``accepted``, the name of a fault, an error's code, ..."""
        with self._changed:
            return Counter(self._requests)

    @property
    def callbacks(self) -> list[Callback]:
        """The calls back about outgoing messages, oldest first."""
        with self._changed:
            return list(self._callbacks)

    def wait_for(
        self, wanted: int | Callable[[list[Sent]], bool], timeout: float = 10.0
    ) -> list[Sent]:
        """Wait until so many messages are accepted, or until ``wanted`` is true of them.

        The condition is looked at again after each record and every 50 ms, so it may ask the API
        or the guide too. Raises ``TimeoutError`` with what was there instead.
        """
        until = time.monotonic() + timeout
        while True:
            sent = self.sent
            # Outside the lock: what the condition asks may need a handler here.
            if len(sent) >= wanted if isinstance(wanted, int) else wanted(sent):
                return sent
            if time.monotonic() > until:
                raise TimeoutError(
                    f"after {timeout} s: {len(sent)} sent, {len(self.callbacks)} calls back,"
                    f" requests {dict(self.requests)}, last {sent[-3:]}"
                )
            with self._changed:
                if len(self._sent) == len(sent):
                    self._changed.wait(_LOOK_SECONDS)

    def _count(self, outcome: str) -> None:
        with self._changed:
            self._requests[outcome] += 1
            self._changed.notify_all()

    # Faults.

    def chaos(self, rng: random.Random, share: float, kinds: tuple[Fault, ...] = QUICK) -> None:
        """Let a share of the sends fail by chance. Lists have ``query_faults`` of their own."""
        self.faults.chaos(rng, share, kinds)

    def _failing(self, fault: Fault) -> Response:
        """The provider's own words for ``server_error`` and ``throttled``."""
        raise NotImplementedError

    async def _under(
        self, faults: Faults, request: Request, handle: Callable[[], Awaitable[Response]]
    ) -> Response:
        fault = faults.take()
        if fault is None:
            return await handle()
        self._count(fault.name)
        answer = await handle() if fault.accepted else Response(status_code=500)
        match fault:
            case Fault.server_error | Fault.throttled:
                return self._failing(fault)
            case Fault.error_after:
                return self._failing(Fault.server_error)
            case Fault.slow:
                await self._hold(request, self.slow_seconds)
            case Fault.timeout_before | Fault.timeout_after:
                await self._hold(request, float("inf"))
                self._reset(request)
            case _:
                self._reset(request)
        return answer

    async def _hold(self, request: Request, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._down.is_set():
            if await request.is_disconnected():
                return
            await asyncio.sleep(0.01)

    def _reset(self, request: Request) -> None:
        """Drop the connection with TCP's reset; what the handler still answers goes nowhere."""
        assert self._server is not None
        for connection in list(self._server.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and getattr(connection, "client", None) == request.client:
                linger = struct.pack("ii", 1, 0)
                transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, linger
                )
                transport.abort()

    # The way back.

    def behind_proxy(self, public: str, local: str) -> None:
        """URLs that begin with ``public`` are posted to ``local``, as a reverse proxy would."""
        self._public[public.rstrip("/")] = local.rstrip("/")

    def _locate(self, url: str) -> tuple[str, dict[str, str]]:
        for public, local in self._public.items():
            if url == public or url.startswith((f"{public}/", f"{public}?")):
                parts = urlsplit(public)
                forwarded = {
                    "Host": parts.netloc,
                    "X-Forwarded-Host": parts.netloc,
                    "X-Forwarded-Proto": parts.scheme,
                }
                return local + url.removeprefix(public), forwarded
        return url, {}

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        address, forwarded = self._locate(url)
        return self._client.post(address, content=body, headers={**headers, **forwarded})

    def _deliver(
        self,
        post: Callable[[], httpx.Response],
        *,
        duplicates: int,
        at_once: bool,
        deadline: float,
        pause: float,
    ) -> Delivery:
        once = partial(persist, post, deadline=deadline, pause=pause, give_up=self._closing)
        return repeat(once, 1 + duplicates, at_once=at_once)

    def _call_back(self, message: str, kind: str, post: Callable[[], httpx.Response]) -> None:
        answer = None
        with contextlib.suppress(Undelivered):
            delivery = persist(
                post, deadline=self.callback_deadline, pause=0.05, give_up=self._closing
            )
            answer = delivery.answer
        with self._changed:
            self._callbacks.append(Callback(message, kind, answer))
            self._changed.notify_all()

    async def _aftermath(self, work: Callable[[], None], *, before_answer: bool) -> None:
        """Do what follows an accepted message, before the request is answered or beside it."""
        if before_answer:
            await asyncio.to_thread(work)
        elif not self._closing.is_set():
            self._pool.submit(work)
