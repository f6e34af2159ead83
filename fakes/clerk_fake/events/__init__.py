"""What happened in an instance, in commit order: the one thing that webhooks are made of."""
