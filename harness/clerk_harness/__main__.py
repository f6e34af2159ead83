"""``python -m clerk_harness`` is ``clerk-harness``."""

from clerk_harness.cli import main

if __name__ == "__main__":
    main()
