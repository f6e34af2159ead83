"""Directories (SCIM): being built by the lead, at both paths, with agent tasks and admin portal link tokens."""
