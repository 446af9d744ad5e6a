"""``python -m bot.serve run ...``: Rasa's own command line with our patches applied."""

from __future__ import annotations

from rasa.__main__ import main

from bot import patches

if __name__ == "__main__":
    patches.apply()
    main()
