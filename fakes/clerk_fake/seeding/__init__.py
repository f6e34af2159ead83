"""Seed files: what an instance shall hold, declared in YAML or JSON, made by Clerk's operations."""
