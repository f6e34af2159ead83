"""JWT templates: what a token says besides the default claims, and who signs it."""
