"""HTTP: routes, wire forms and status codes, nothing else."""
