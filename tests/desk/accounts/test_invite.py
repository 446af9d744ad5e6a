from __future__ import annotations

from pathlib import Path

import pytest

from desk.accounts import invite
from storage.base import Base
from storage.engine import open_engine


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}"
    monkeypatch.setenv("BORGERGUIDE_DATABASE_URL", url)
    monkeypatch.setenv("BORGERGUIDE_PUBLIC_URL", "https://guide.example.dk")
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    return url


NEW = ["--email", "ida@example.dk", "--name", "Ida Holm", "--role", "administrator"]

OTHER = ["--email", "bo@example.dk", "--name", "Bo Lund", "--role", "guide"]


def test_a_new_member_gets_a_link(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert invite.main(NEW) == 0
    out, err = capsys.readouterr()
    assert out.startswith("https://guide.example.dk/desk/welcome/")
    assert len(out.splitlines()) == 1
    assert err == ""
    assert invite.main(["--email", "IDA@example.dk", "--reset"]) == 0
    again = capsys.readouterr().out
    assert again.startswith("https://guide.example.dk/desk/welcome/")
    assert again != out


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (NEW, "e-mail"),
        (["--email", "nobody@example.dk", "--reset"], "nobody@example.dk"),
        ([*OTHER, "--team", "nowhere"], "nowhere"),
    ],
)
def test_what_does_not_work_is_said(
    database: str, capsys: pytest.CaptureFixture[str], given: list[str], named: str
) -> None:
    invite.main(NEW)
    capsys.readouterr()
    assert invite.main(given) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip().endswith(".")
    assert named in err


@pytest.mark.parametrize("given", [["--email", "a@b.dk"], ["--email", "a@b.dk", "--role", "king"]])
def test_what_is_missing_is_asked_for(given: list[str]) -> None:
    with pytest.raises(SystemExit):
        invite.main(given)
