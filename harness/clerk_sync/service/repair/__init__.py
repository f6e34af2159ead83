"""Compares the whole of Clerk with the local records, and makes them equal."""
