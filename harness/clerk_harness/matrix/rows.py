"""The rows of the matrix: each is the feature of that name."""

from pathlib import Path

__all__ = ["ROWS", "features_folder"]

ROWS = (
    "User Registration",
    "User Authentication",
    "Profile Updates",
    "User Deletion",
    "Webhook Processing",
    "Background Tasks",
    "Error Handling",
    "Security",
)


def features_folder() -> Path:
    """Where the features are: in the wheel beside the package, in a checkout at its root."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "features"
    return shipped if shipped.is_dir() else package.parents[1] / "features"
