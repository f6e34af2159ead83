"""Domains of organizations, and who comes in because of them."""
