"""``python -m gateway.dead_letters``: what could not be delivered, and sending it once more.

    python -m gateway.dead_letters                 the list, the latest first
    python -m gateway.dead_letters resend ID ...   put some into the outbox again
    python -m gateway.dead_letters resend --all    all of them

The list holds no addresses and no texts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from conversations.store.outbox import Outbox
from settings import Settings
from storage.engine import open_engine

_URL = "BORGERGUIDE_DATABASE_URL"


async def show(outbox: Outbox) -> int:
    """Print the list; 0, or 1 if there is anything on it."""
    letters = await outbox.dead()
    for letter in letters:
        when = f"{letter.updated_at:%Y-%m-%d %H:%M:%S}Z"
        print(f"{letter.id}  {when}  {letter.channel}  {letter.state}  {letter.error or ''}")
    print(f"{len(letters)} undeliverable")
    return 1 if letters else 0


async def resend(outbox: Outbox, ids: list[str]) -> int:
    """Put dead letters into the outbox again; 0, or 1 if one of them was none."""
    failed = [item for item in ids if not await outbox.resend(item)]
    for item in failed:
        print(f"{item}: no dead letter", file=sys.stderr)
    print(f"{len(ids) - len(failed)} in the outbox again")
    return 1 if failed else 0


async def run(arguments: argparse.Namespace) -> int:
    url = os.environ.get(_URL) or Settings.model_fields["database_url"].default
    engine = open_engine(url)
    outbox = Outbox(engine)
    try:
        if arguments.command != "resend":
            return await show(outbox)
        ids = arguments.ids
        if arguments.all:
            ids = [letter.id for letter in await outbox.dead(limit=10_000)]
        return await resend(outbox, ids)
    finally:
        await engine.dispose()


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m gateway.dead_letters")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("list")
    again = commands.add_parser("resend")
    again.add_argument("ids", nargs="*", metavar="ID")
    again.add_argument("--all", action="store_true")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
