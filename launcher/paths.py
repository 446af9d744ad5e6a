"""Where things are."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VAR = ROOT / "var"
STAMPS = TOOLS / "stamps"
SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
TOOLS_BIN = TOOLS / SCRIPTS
GATEWAY_PYTHON = ROOT / ".venv" / SCRIPTS / "python"
RASA_PYTHON = ROOT / "bot" / ".venv" / SCRIPTS / "python"
MODEL = ROOT / "models" / "borgerguide.tar.gz"
ENTITY_PATTERNS = VAR / "entity_patterns.json"
SITUATIONS = VAR / "nlu"
