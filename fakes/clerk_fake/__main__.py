"""``python -m clerk_fake``."""

import sys

from clerk_fake.server import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
