"""The booking dialogue: Rasa keeps the form, the gateway keeps what has been said in it."""
