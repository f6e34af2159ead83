"""The Backend API: routes and wire forms only; every rule lives in ``model/``."""
