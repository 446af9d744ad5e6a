"""``python -m launcher.setup [what ...]``: install, build and train what is missing or changed."""

from __future__ import annotations

import shutil
import sys
import venv
from pathlib import Path

from launcher import console, python310
from launcher.console import Failure, step
from launcher.paths import (
    ENTITY_PATTERNS,
    GATEWAY_PYTHON,
    MODEL,
    RASA_PYTHON,
    ROOT,
    SITUATIONS,
    TOOLS,
    TOOLS_BIN,
)
from launcher.processes import Command, run
from launcher.stamps import Stamp

_OLDEST = (3, 11)
_TOOLS_REQUIREMENTS = ROOT / "launcher" / "tools.txt"


def install_tools() -> None:
    """uv and Node, from the package index, into ``.tools``."""
    stamp = Stamp("tools", [_TOOLS_REQUIREMENTS], [TOOLS_BIN / "uv", TOOLS_BIN / "node"])
    if stamp.fresh():
        return
    with step("installing the tools (uv, Node)"):
        if not (TOOLS_BIN / "python").exists():
            venv.create(TOOLS, with_pip=True)
        pip: Command = [TOOLS_BIN / "python", "-m", "pip", "install", "--quiet"]
        run("tools", [*pip, "--disable-pip-version-check", "-r", _TOOLS_REQUIREMENTS])
    stamp.set()


def install_gateway() -> None:
    """The gateway's environment, as locked."""
    stamp = Stamp("gateway", [ROOT / "pyproject.toml", ROOT / "uv.lock"], [GATEWAY_PYTHON])
    if not stamp.fresh():
        with step("installing the gateway's packages"):
            run("gateway-install", [TOOLS_BIN / "uv", "sync", "--locked"])
        stamp.set()


def install_rasa() -> None:
    """Rasa's own environment (Python 3.10), as locked."""
    inputs = [ROOT / "bot" / "pyproject.toml", ROOT / "bot" / "uv.lock"]
    stamp = Stamp("rasa", inputs, [RASA_PYTHON])
    if not stamp.fresh():
        with step("installing Rasa (Python 3.10)"):
            command: Command = [TOOLS_BIN / "uv", "sync", "--locked", "--directory", "bot"]
            if (found := python310.find()) is not None:
                command += ["--python", found]
            run("rasa-install", command)
        stamp.set()


def build_web() -> None:
    """The widget, the demo page and the desk."""
    web = ROOT / "web"
    pages = [web / "dist" / name for name in ("widget.js", "index.html", "desk/index.html")]
    stamp = Stamp("web", [web], pages)
    if stamp.fresh():
        return
    lock = Stamp("web-packages", [web / "package-lock.json"], [web / "node_modules"])
    if not lock.fresh():
        with step("installing the browser build's packages"):
            run(
                "web-install",
                [TOOLS_BIN / "npm", "ci", "--prefix", web, "--no-fund"],
                search=[TOOLS_BIN],
            )
        lock.set()
    # npm starts node by name, so ours must come first on the path.
    with step("building the widget, the demo page and the desk"):
        run("web-build", [TOOLS_BIN / "npm", "run", "build", "--prefix", web], search=[TOOLS_BIN])
    Stamp("web", [web]).set()


def write_patterns() -> None:
    """The entity extractor's patterns, from the knowledge base."""
    inputs = [ROOT / "knowledge", ROOT / "bot" / "lexicon", ROOT / "bot" / "entity_patterns.py"]
    stamp = Stamp("patterns", inputs, [ENTITY_PATTERNS])
    if not stamp.fresh():
        with step("reading names out of the knowledge base"):
            run("patterns", [GATEWAY_PYTHON, "-m", "bot.entity_patterns", ENTITY_PATTERNS])
        stamp.set()


def train() -> None:
    """The Rasa model."""
    inputs = [ROOT / "config.yml", ROOT / "domain.yml", ROOT / "bot" / "data"]
    inputs += [
        ROOT / "bot" / "components",
        ROOT / "bot" / "situations.py",
        ROOT / "bot" / "uv.lock",
    ]
    stamp = Stamp("model", inputs, [MODEL])
    if stamp.fresh():
        return
    with step("training the language model (some minutes)"):
        run("situations", [GATEWAY_PYTHON, "-m", "bot.situations", SITUATIONS])
        data: Command = [
            "--data",
            "bot/data",
            SITUATIONS,
            "--out",
            "models",
            "--fixed-model-name",
            MODEL.name[:-7],
        ]
        command: Command = [RASA_PYTHON, "-W", "ignore", "-m", "bot.serve", "train", *data]
        run("training", command, {"BORGERGUIDE_ACTIONS_URL": "", "BORGERGUIDE_INTERNAL_TOKEN": ""})
    stamp.set()


def migrate() -> None:
    """The database, to the newest tables."""
    with step("preparing the database"):
        run("migrations", [GATEWAY_PYTHON, "-m", "alembic", "upgrade", "head"])
        # Only into empty tables: so that a demonstration can book.
        run("starter", [GATEWAY_PYTHON, "-m", "booking.starter"])


STEPS = {
    "tools": install_tools,
    "gateway": install_gateway,
    "rasa": install_rasa,
    "web": build_web,
    "patterns": write_patterns,
    "model": train,
    "database": migrate,
}
"""In the order in which they need each other."""


def check_python() -> None:
    if sys.version_info < _OLDEST:
        have = ".".join(map(str, sys.version_info[:2]))
        need = ".".join(map(str, _OLDEST))
        raise Failure(f"Python {need} or newer is needed, this is {have}; set PYTHON=python{need}")


def set_up(names: list[str] | None = None) -> None:
    """Run the named steps, or all. Raises :class:`Failure`."""
    check_python()
    for name in names or STEPS:
        STEPS[name]()


def clean() -> None:
    """Remove everything that a set-up made."""
    for made in (TOOLS, ROOT / ".venv", ROOT / "bot" / ".venv", ROOT / "web" / "node_modules"):
        shutil.rmtree(made, ignore_errors=True)
    Path(MODEL).unlink(missing_ok=True)


if __name__ == "__main__":
    try:
        set_up(sys.argv[1:])
    except Failure as error:
        sys.exit(console.fail(error))
