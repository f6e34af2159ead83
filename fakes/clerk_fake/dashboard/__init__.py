"""Pages for people: what an instance holds and what it sent. They load nothing from anywhere."""
