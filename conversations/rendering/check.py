"""``python -m conversations.rendering.check``: do the reply files of all languages match?"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from conversations.rendering.replies import ReplyTexts, load_replies
from knowledge.catalogue import load
from knowledge.crisis.detector import load_contacts
from settings import ROOT

_DANGER = ("crisis_", "check_danger", "check_violence", "check_self_harm", "check_child")


def danger_problems(replies: ReplyTexts, contacts: dict[str, str]) -> Iterator[str]:
    """A number to call that no verified contact gives: the reply could not be said."""
    for key in replies:
        if key.startswith(_DANGER):
            for name in sorted(replies.needs(key) - contacts.keys()):
                yield f"replies: {key} needs {name}, which is no verified contact"


def main() -> int:
    """Print every difference; the exit code."""
    codes = load().language_codes
    replies = load_replies(ROOT / "bot" / "replies", codes)
    found = list(replies.problems())
    found += danger_problems(replies, load_contacts(ROOT / "knowledge" / "crisis"))
    texts = ROOT / "web" / "widget" / "texts"
    found += [
        f"{texts.name}/{c}.json is missing" for c in codes if not (texts / f"{c}.json").exists()
    ]
    for line in found:
        print(f"error: {line}")
    print(f"replies: {', '.join(codes)}; {len(found)} errors")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
