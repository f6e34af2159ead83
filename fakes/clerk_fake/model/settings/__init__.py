"""The settings of an instance: one place, from which everybody reads them."""
