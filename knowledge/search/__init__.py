"""Finds the service that a citizen means, in their own words."""

from knowledge.search.search import Hit, Hits, KnowledgeSearch

__all__ = ["Hit", "Hits", "KnowledgeSearch"]
