"""What can go wrong between an application and Clerk: set, matched, counted and healed."""
