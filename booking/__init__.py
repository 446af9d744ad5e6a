"""Booking time with a caseworker: supply, free times, holds, appointments."""
