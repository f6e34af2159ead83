"""Users: who they are, what may become of them, and how they are found."""
