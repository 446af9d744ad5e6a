"""Rasa graph components. They run in the Rasa process (Python 3.10)."""
