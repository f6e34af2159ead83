"""Directories (SCIM): being built by the lead, with agent tasks and admin portal link tokens."""
