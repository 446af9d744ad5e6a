"""Rows of one measure, and its figures by name."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of one measure, with the misses behind them."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    """What is recorded, by name, in percent: ``search.pl.first``. More is better."""

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", "| " + " | ".join(self.columns) + " |"]
        lines.append("|" + "---|" * len(self.columns))
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %"
