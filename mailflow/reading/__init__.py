"""Bytes to values: no decision, no database, never raises on bad input."""
