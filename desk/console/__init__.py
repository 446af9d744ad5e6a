"""The desk over HTTP: routes, events and pages on ``desk.accounts`` and ``desk.queue``."""
