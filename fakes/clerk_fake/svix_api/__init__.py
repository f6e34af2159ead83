"""Svix' own API under ``/api/v1``, as its official clients know it: one app per instance."""
