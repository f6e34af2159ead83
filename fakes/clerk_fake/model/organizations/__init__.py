"""Organizations: what they are, and what may become of them."""
