"""``python -m launcher.serve``: set up, start Rasa and the gateway, wait, stop both together."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from launcher import console
from launcher.console import Failure, say
from launcher.paths import GATEWAY_PYTHON, RASA_PYTHON, ROOT, VAR
from launcher.processes import Command, environment
from launcher.setup import set_up

_READY_SECONDS = 300
_STOP_SECONDS = 15
_RASA_RESTARTS = 5
"""The gateway answers without Rasa; after so many restarts something else is wrong."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


def port(name: str, default: int) -> int:
    """A port from the environment. Raises :class:`Failure` if it is no port or taken."""
    text = os.environ.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65536:
        raise Failure(f"{name}={text} is not a port")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError:
            raise Failure(f"port {text} is taken; set {name} to another") from None
    return int(text)


def start(
    name: str, command: Sequence[str | Path], extra: dict[str, str]
) -> subprocess.Popen[bytes]:
    """A child in its own process group, so that Ctrl-C reaches it through us, in order."""
    log = VAR / "log" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=environment(extra),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask every child to end, then make it."""
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in processes.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def check(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Raises :class:`Failure` if a child has ended."""
    for name, process in processes.items():
        if process.poll() is not None:
            raise Failure(f"{name} ended with code {process.returncode}; see var/log/{name}.log")


def wait_until_ready(url: str, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Until the gateway says that it and Rasa are ready. Raises :class:`Failure`."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        check(processes)
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=5) as answer:  # noqa: S310
                if json.load(answer)["status"] == "ready":
                    return
        except (OSError, urllib.error.URLError, ValueError):
            pass
        time.sleep(0.3)
    raise Failure(f"not ready after {_READY_SECONDS} s; see var/log")


def serve() -> None:
    """Everything that ``make run`` does. Raises :class:`Failure`."""
    started = time.monotonic()
    host = os.environ.get("BORGERGUIDE_HOST", "127.0.0.1")
    web = port("BORGERGUIDE_PORT", 8000)
    rasa = port("BORGERGUIDE_RASA_PORT", 5005)
    say("Borgerguide: setting up")
    set_up()
    say("Borgerguide: starting")
    extra = {
        # A new secret at every start: only these two processes share it.
        "BORGERGUIDE_INTERNAL_TOKEN": secrets.token_urlsafe(32),
        "BORGERGUIDE_BOOKING_SECRET": (
            os.environ.get("BORGERGUIDE_BOOKING_SECRET") or kept_secret("booking")
        ),
        "BORGERGUIDE_ACTIONS_URL": f"http://127.0.0.1:{web}/internal/actions",
        "BORGERGUIDE_RASA_URL": f"http://127.0.0.1:{rasa}",
        "BORGERGUIDE_PUBLIC_URL": os.environ.get("BORGERGUIDE_PUBLIC_URL")
        or f"http://localhost:{web}",
    }
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        rasa_command: Command = [RASA_PYTHON, "-W", "ignore", "-m", "bot.serve", "run"]
        rasa_command += ["--interface", "127.0.0.1", "--port", str(rasa), "--model", "models"]
        processes["rasa"] = start("rasa", rasa_command, extra)
        gateway: Command = [GATEWAY_PYTHON, "-m", "uvicorn", "--factory", "app:create_app"]
        gateway += ["--host", host, "--port", str(web), "--timeout-graceful-shutdown", "5"]
        # It would log addresses and search words; our own lines say what is needed.
        gateway += ["--no-access-log"]
        processes["gateway"] = start("gateway", gateway, extra)
        url = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{web}"  # noqa: S104
        wait_until_ready(f"http://127.0.0.1:{web}", processes)
        say(f"Borgerguide: ready after {time.monotonic() - started:.0f} s")
        say(f"  The guide:            {url}/")
        say(f"  Without JavaScript:   {url}/chat")
        say(f"  The staff desk:       {url}/desk")
        say(f"  The interface:        {url}/openapi.json")
        say("  Logs: var/log. Ctrl-C stops everything.")
        restarts = 0
        while True:
            time.sleep(0.5)
            check({"gateway": processes["gateway"]})
            if processes["rasa"].poll() is not None:
                restarts += 1
                if restarts > _RASA_RESTARTS:
                    check(processes)
                say("Borgerguide: Rasa ended; the guide looks things up until it is back")
                processes["rasa"] = start("rasa", rasa_command, extra)
    finally:
        stop(processes)


def kept_secret(name: str) -> str:
    """A secret that outlives a restart: links in messages must go on working."""
    path = VAR / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="utf-8").strip()


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 after a failure."""
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)
    try:
        serve()
    except Stopped:
        say("Borgerguide: stopped")
        return 0
    except Failure as error:
        return console.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
