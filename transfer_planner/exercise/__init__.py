"""Tabletop exercises: synthetic rosters on the real network."""
