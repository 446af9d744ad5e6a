"""The dialogue behind the guide, as the pipeline sees it."""
