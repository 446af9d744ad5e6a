"""How readers learn that a conversation has something new."""
