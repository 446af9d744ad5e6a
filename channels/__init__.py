"""How citizens reach the guide: one folder per channel, one line in the registry."""
