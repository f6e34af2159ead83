"""The control plane under ``/__fake__/``: for tests, not for applications."""
