"""Roles of members of organizations, and the permissions that they give."""
