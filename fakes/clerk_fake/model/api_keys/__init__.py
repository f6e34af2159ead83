"""API keys: with what users and organizations let others in on their behalf."""
