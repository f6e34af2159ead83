"""Signing keys and the session tokens made with them."""
