"""``python -m conversations.rendering.check``: do the reply files of all languages match?"""

from __future__ import annotations

import sys

from conversations.rendering.replies import load_replies
from knowledge.catalogue import load
from settings import ROOT


def main() -> int:
    """Print every difference; the exit code."""
    codes = load().language_codes
    found = list(load_replies(ROOT / "bot" / "replies", codes).problems())
    for line in found:
        print(f"error: {line}")
    print(f"replies: {', '.join(codes)}; {len(found)} errors")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
