"""Jobs beside the requests: they begin again when they fail, and end when they are told to."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest

from gateway import background
from gateway.background import Background, every
from tests.conversations.citizen import until


class Away(Exception):
    pass


class Job:
    """Counts its beginnings; fails at the first ``failures`` of them, then runs for ever."""

    def __init__(self, failures: int = 0, *, ends: bool = False) -> None:
        self.begun = 0
        self.cancelled = 0
        self._failures = failures
        self._ends = ends

    async def __call__(self) -> None:
        self.begun += 1
        if self.begun <= self._failures:
            raise Away
        if self._ends:
            return
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


@pytest.fixture(autouse=True)
def _short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_PAUSE", 0.01)


async def reached(job: Job, begun: int) -> None:
    async def so_often() -> bool:
        return job.begun >= begun

    await until(so_often)


async def test_a_job_runs_until_it_is_stopped() -> None:
    job = Job()
    jobs = Background({"job": job})
    jobs.start()
    await reached(job, 1)
    await jobs.stop()
    assert (job.begun, job.cancelled) == (1, 1)


async def test_a_job_that_fails_begins_again_and_is_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing, other = Job(failures=3), Job()
    jobs = Background({"failing": failing, "other": other})
    jobs.start()
    await reached(failing, 4)
    await jobs.stop()
    assert (failing.begun, other.begun) == (4, 1)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failed = [line for line in lines if line["event"] == "job_failed"]
    assert [line["job"] for line in failed] == ["failing"] * 3
    assert all("Away" in line["exception"] for line in failed)


async def test_it_pauses_before_it_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_PAUSE", 3600.0)
    job = Job(failures=1)
    jobs = Background({"job": job})
    jobs.start()
    await reached(job, 1)
    await asyncio.sleep(0.05)
    await asyncio.wait_for(jobs.stop(), 1)
    assert job.begun == 1


async def test_a_job_that_ends_has_ended() -> None:
    job, other = Job(ends=True), Job()
    jobs = Background({"job": job, "other": other})
    jobs.start()
    await reached(job, 1)
    await asyncio.sleep(0.05)
    await jobs.stop()
    assert job.begun == 1


async def test_stopping_waits_for_what_must_be_finished() -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def careful() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            finished.set()

    jobs = Background({"careful": careful})
    jobs.start()
    await begun.wait()
    await jobs.stop()
    assert finished.is_set()


async def test_an_error_at_the_end_does_not_hinder_the_end() -> None:
    failures = 1
    begun = asyncio.Event()

    async def bad_loser() -> None:
        nonlocal failures
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            # The database is away, say, and what was begun cannot be taken back.
            failures -= 1
            if failures >= 0:
                raise Away

    jobs = Background({"bad loser": bad_loser})
    jobs.start()
    await begun.wait()
    stopping = asyncio.create_task(jobs.stop())
    stopped, _ = await asyncio.wait({stopping}, timeout=1)
    stopping.cancel()
    await asyncio.wait({stopping})
    assert stopped


async def test_stopping_before_starting_and_twice_is_no_error() -> None:
    jobs = Background({"job": Job()})
    await jobs.stop()
    jobs.start()
    await jobs.stop()
    await jobs.stop()


async def test_a_repeated_job_works_at_once_and_now_and_then() -> None:
    moments: list[float] = []

    async def work() -> None:
        moments.append(asyncio.get_running_loop().time())

    jobs = Background({"work": every(0.05, work)})
    jobs.start()

    async def three_times() -> bool:
        return len(moments) >= 3

    await until(three_times)
    await jobs.stop()
    assert all(later - sooner >= 0.04 for sooner, later in itertools.pairwise(moments))


async def test_a_repeated_job_that_fails_goes_on() -> None:
    calls = 0

    async def work() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Away

    async def twice() -> bool:
        return calls >= 2

    jobs = Background({"work": every(0.01, work)})
    jobs.start()
    await until(twice)
    await jobs.stop()
