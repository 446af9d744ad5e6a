"""Held-out data, written apart from the phrasings and the training examples, and its measures."""
