"""The guide in a real browser, against the real gateway and dialogue."""
