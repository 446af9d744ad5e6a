"""Everything Rasa: its data, its components, and the custom actions it calls back for."""
