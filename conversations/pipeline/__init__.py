"""One citizen message, from stored to answered."""
