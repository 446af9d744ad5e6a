"""What every store stands on: the engine, sessions, and the base of the tables."""
