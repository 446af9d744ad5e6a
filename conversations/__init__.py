"""Conversations with citizens: what was said, in which state, and who may answer."""
