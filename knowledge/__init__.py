"""The shared knowledge base: what the city's services are, and the search over it."""
