"""The whole guide as real processes on loopback, for tests, evaluation and benchmarks."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from launcher.paths import GATEWAY_PYTHON, RASA_PYTHON, ROOT
from launcher.processes import environment
from tests.ports import free_port

_START_SECONDS = 300


class Stack:
    """Rasa and gateways on one database; each process can be killed and started again."""

    def __init__(
        self, folder: Path, *, gateways: int = 1, root: Path | str = ROOT, **settings: str
    ) -> None:
        """``settings`` are the gateway's, without their prefix: ``messages_per_minute="1000"``.

        ``root`` is where the project stands: here, or a copy of it that a test has changed.
        """
        self.folder = folder
        self._root = Path(root)
        self.ports = [free_port() for _ in range(gateways)]
        self.rasa_port = free_port()
        self.urls = [f"http://127.0.0.1:{port}" for port in self.ports]
        self.url = self.urls[0]
        self.gateways = ["gateway", *(f"gateway-{n}" for n in range(2, gateways + 1))]
        self._together = "redis_url" in settings
        self._environment = environment(
            {
                "BORGERGUIDE_INTERNAL_TOKEN": secrets.token_urlsafe(16),
                "BORGERGUIDE_ACTIONS_URL": f"{self.url}/internal/actions",
                "BORGERGUIDE_RASA_URL": f"http://127.0.0.1:{self.rasa_port}",
                "BORGERGUIDE_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'guide.db'}",
                "BORGERGUIDE_CONVERSATIONS_PER_MINUTE": "100000",
                **{f"BORGERGUIDE_{name.upper()}": value for name, value in settings.items()},
            }
        )
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def set(self, **settings: str) -> None:
        """Change settings; they hold for whatever is started from now on."""
        self._environment |= {f"BORGERGUIDE_{k.upper()}": value for k, value in settings.items()}

    def migrate(self) -> None:
        self.run(GATEWAY_PYTHON, "-m", "alembic", "upgrade", "head")

    def run(self, *command: str | Path) -> None:
        """A command with the gateway's settings, to its end."""
        subprocess.run(
            [str(part) for part in command],
            cwd=self._root,
            env=self._environment,
            check=True,
            capture_output=True,
        )

    def _start(self, name: str, *command: str | Path) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_rasa(self, *, patched: bool = True) -> None:
        """``patched=False``: Rasa as it comes, for comparison."""
        module = "bot.serve" if patched else "rasa"
        flags = ["--interface", "127.0.0.1", "--port", str(self.rasa_port), "--model", "models"]
        if self._together:
            flags += ["--endpoints", "deploy/endpoints.redis.yml"]
        self._start("rasa", RASA_PYTHON, "-W", "ignore", "-m", module, "run", *flags)

    def start_gateway(self, name: str = "gateway") -> None:
        port = self.ports[self.gateways.index(name)]
        flags = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        flags += ["--no-access-log"]
        self._start(name, GATEWAY_PYTHON, "-m", "uvicorn", "--factory", "app:create_app", *flags)

    def wait(self, status: str = "ready") -> None:
        """Until ``/health/ready`` of every gateway that runs says ``status``."""
        deadline = time.monotonic() + _START_SECONDS
        running = [n for n, name in enumerate(self.gateways) if name in self.processes]
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                if process.poll() not in (None, -signal.SIGKILL, -signal.SIGTERM):
                    log = (self.folder / f"{name}.log").read_text(errors="replace")
                    raise RuntimeError(f"{name} ended:\n{log[-3000:]}")
            if all(self._says(self.urls[n], status) for n in running):
                return
            time.sleep(0.1)
        raise TimeoutError(f"not {status} after {_START_SECONDS} s")

    @staticmethod
    def _says(url: str, status: str) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return bool(httpx.get(f"{url}/health/ready").json()["status"] == status)
        return False

    def kill(self, name: str) -> None:
        """As a crash would: no warning, no clean-up."""
        process = self.processes.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def running(
    folder: Path, *, gateways: int = 1, root: Path | str = ROOT, **settings: str
) -> Iterator[Stack]:
    """A stack that is ready, and gone afterwards."""
    stack = Stack(folder, gateways=gateways, root=root, **settings)
    try:
        stack.migrate()
        stack.start_rasa()
        for name in stack.gateways:
            stack.start_gateway(name)
        stack.wait()
        yield stack
    finally:
        stack.close()


class Citizen:
    """Somebody who writes to the guide over the public interface."""

    def __init__(self, url: str, language: str | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        body = {"language": language} if language else {}
        started = self.http.post("/api/web/conversations", json=body)
        started.raise_for_status()
        self.id: str = started.json()["conversation_id"]
        self.token: str = started.json()["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.path = f"/api/web/conversations/{self.id}"
        self.seen = 1  # the welcome

    def post(self, **body: Any) -> httpx.Response:
        """One message, as it is; the answer is not awaited."""
        body.setdefault("client_message_id", uuid.uuid4().hex)
        return self.http.post(f"{self.path}/messages", json=body, headers=self.headers)

    def read(self, after: int = 0) -> dict[str, Any]:
        answer = self.http.get(
            f"{self.path}/messages", params={"after": after}, headers=self.headers
        )
        answer.raise_for_status()
        return dict(answer.json())

    def answers(self, timeout: float = 20) -> list[dict[str, Any]]:
        """What the guide said since the last call, once it has finished."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            view = self.read(self.seen)
            said = [message for message in view["messages"] if message["author"] == "guide"]
            if said and not view["typing"]:
                self.seen = view["messages"][-1]["seq"]
                return said
            time.sleep(0.02)
        raise TimeoutError("no answer")

    def say(self, text: str) -> list[dict[str, Any]]:
        """Write, and wait for the answer."""
        self.post(text=text).raise_for_status()
        return self.answers()

    def choose(self, code: str) -> list[dict[str, Any]]:
        """Pick a choice, and wait for the answer."""
        self.post(choice=code).raise_for_status()
        return self.answers()
