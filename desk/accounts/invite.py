"""Makes a member and prints a one-time link for them, or a new link for one who is there.

    python -m desk.accounts.invite --email ida@example.dk --name "Ida Holm" --role guide
    python -m desk.accounts.invite --email ida@example.dk --reset

The link is printed once and stored nowhere. It works once, for 48 hours.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from desk.accounts.build import Accounts, build_accounts
from desk.accounts.models import NewMember, Role
from desk.accounts.sentences import LANGUAGES, load_texts
from desk.accounts.settings import DeskSettings
from desk.errors import DeskError, Refused
from settings import Settings
from storage.engine import open_engine


def _setting(name: str) -> str:
    # A link needs no other setting of the gateway, so none may be asked for.
    given = os.environ.get(f"BORGERGUIDE_{name.upper()}")
    return given or str(Settings.model_fields[name].default)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m desk.accounts.invite", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--email", required=True)
    parser.add_argument("--name")
    parser.add_argument("--role", choices=[role.value for role in Role])
    parser.add_argument("--team", action="append", default=[], help="may be given several times")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of the desk")
    parser.add_argument("--reset", action="store_true", help="for a member who is there already")
    arguments = parser.parse_args(given)
    if not arguments.reset and not (arguments.name and arguments.role):
        parser.error("a new member needs --name and --role")
    return arguments


async def _link(accounts: Accounts, arguments: argparse.Namespace) -> str:
    if arguments.reset:
        found = await accounts.store.credentials(arguments.email)
        if found is None:
            raise Refused("unknown_email", email=arguments.email)
        return await accounts.invitations.make(found.member.id, by=None)
    member = await accounts.store.add(
        NewMember(
            name=arguments.name,
            email=arguments.email,
            role=Role(arguments.role),
            teams=tuple(arguments.team),
            ui_language=arguments.language,
        ),
        by=None,
    )
    return await accounts.invitations.make(member.id, by=None)


async def _run(arguments: argparse.Namespace) -> str:
    engine = open_engine(_setting("database_url"))
    try:
        accounts = build_accounts(engine, DeskSettings(), _setting("public_url"))
        return await _link(accounts, arguments)
    finally:
        await engine.dispose()


def main(given: Sequence[str] | None = None) -> int:
    """0 with the link on standard output; 1 with a sentence on standard error."""
    arguments = _arguments(given)
    try:
        link = asyncio.run(_run(arguments))
    except DeskError as error:
        sys.stderr.write(load_texts().text(error.code, "en", error.values) + "\n")
        return 1
    sys.stdout.write(link + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
