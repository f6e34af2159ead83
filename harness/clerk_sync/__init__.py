"""The reference webhook and sync service: a real service that knows nothing of the harness."""
