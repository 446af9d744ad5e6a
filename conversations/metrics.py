"""What Prometheus sees of conversations. No label ever holds a citizen's words."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

TURNS = Counter(
    "borgerguide_turns_total",
    "Citizen messages worked through, by how they ended.",
    ["channel", "language", "outcome"],
)
TURN_SECONDS = Histogram(
    "borgerguide_turn_seconds",
    "From picking a message up to its answer being stored.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
TURNS_WAITING = Gauge("borgerguide_turns_waiting", "Messages stored and not yet answered.")
STREAMS = Gauge("borgerguide_event_streams", "Open event streams to browsers.")
