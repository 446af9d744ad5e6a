"""The outbox's way out: what is to be sent leaves once, in order, or is kept as undeliverable."""
