"""Clerk's limits, for instances that ask for them."""
