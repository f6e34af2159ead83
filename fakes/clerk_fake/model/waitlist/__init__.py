"""The waitlist: who asked to be let in, and what became of it."""
