"""The validation matrix: features in, verdicts out."""

from clerk_harness.matrix.rows import ROWS
from clerk_harness.matrix.run import MatrixSettings, run_matrix

__all__ = ["ROWS", "MatrixSettings", "run_matrix"]
