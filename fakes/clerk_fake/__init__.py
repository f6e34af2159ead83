"""A Clerk that runs on your machine: Backend API, JWKS, webhooks, dashboard and control plane."""
