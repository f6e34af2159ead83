"""The tables and every SQL statement; nothing in here commits, the service owns the transaction."""
