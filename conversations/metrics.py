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
REDIS_ERRORS = Counter(
    "borgerguide_redis_errors_total",
    "Times that Redis could not be used, by what for.",
    ["use"],
)
DELIVERIES = Counter(
    "borgerguide_deliveries_total",
    "Tries to hand a message to a provider, by how they ended.",
    ["channel", "outcome"],
)
DELIVERY_SECONDS = Histogram(
    "borgerguide_delivery_seconds", "One try to hand a message to a provider.", ["channel"]
)
OUTBOX_WAITING = Gauge("borgerguide_outbox_waiting", "Deliveries that are not handed over yet.")
DEAD_LETTERS = Gauge("borgerguide_dead_letters", "Undeliverable, and not sent again.")
