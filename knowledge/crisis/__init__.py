"""Recognises danger in a citizen's words, before anything else looks at them."""
