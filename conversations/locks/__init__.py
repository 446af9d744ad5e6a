"""Who may work on something now."""
