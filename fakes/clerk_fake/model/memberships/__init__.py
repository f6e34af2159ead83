"""Memberships: who is in which organization, and as what."""
