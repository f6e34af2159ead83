"""What can go wrong with Clerk: set, matched, counted and healed, at two seams."""
