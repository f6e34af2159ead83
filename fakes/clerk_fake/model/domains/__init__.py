"""The domains of an instance. DNS and proxies lie outside: what they are told is kept."""
