"""Appointments at the desk: the day at a place, and what can be booked."""
