"""Text messages: short answers, numbered choices, and the words that stop and start them."""
