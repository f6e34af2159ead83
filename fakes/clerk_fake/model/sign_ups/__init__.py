"""Sign-ups: people on their way to becoming users, step by step."""
