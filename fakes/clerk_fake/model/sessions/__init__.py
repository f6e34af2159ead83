"""Sessions: signed-in users, and the tokens that prove it."""
