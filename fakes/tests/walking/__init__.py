"""Walks over all operations, by hand and by the official clients."""
