"""Sets the project up and runs it. Standard library only: it runs before anything is installed."""
