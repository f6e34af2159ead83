"""Role sets: which roles the members of an organization may have."""
