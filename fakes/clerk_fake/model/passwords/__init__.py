"""Passwords: their rules, their digests, and digests that come from elsewhere."""
