"""Turns what the guide wants to say into words, per language and channel."""
