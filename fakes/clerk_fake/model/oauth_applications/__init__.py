"""OAuth applications: others that sign people in with an instance, which is their provider."""
