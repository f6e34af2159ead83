"""Invitations to the application: who was asked to sign up, and who did."""
