"""Who may become a user: lists of identifiers, and rules for e-mail addresses."""
