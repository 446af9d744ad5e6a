"""The HTTP process around everything: health, limits, headers, Rasa's way back in."""
