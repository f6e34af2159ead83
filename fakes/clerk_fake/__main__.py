"""``python -m clerk_fake``."""

import gc
import sys

gc.disable()  # nothing that is imported is garbage; the server collects as soon as it is ready

from clerk_fake.server import main  # noqa: E402 - see above

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
