"""Delivery of events as Svix does it for Clerk: endpoints, signatures, attempts, retries."""
