"""Messenger: a Facebook page that citizens write to."""
