"""What can go wrong between Clerk and those who receive its webhooks."""
