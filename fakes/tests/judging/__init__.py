"""Judges of what the fake says, by Clerk's own descriptions of it."""
