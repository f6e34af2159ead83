"""M2M tokens: with what a machine proves to another who it is."""
