"""Which of the guide's languages a message is in."""
