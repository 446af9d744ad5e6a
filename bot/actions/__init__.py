"""Rasa's custom actions. They run in the gateway; each is thin and asks the knowledge base."""
