"""What pytest collects when the matrix runs: every scenario of every feature."""

from pytest_bdd import scenarios

from clerk_harness.matrix.rows import features_folder

scenarios(str(features_folder()))
