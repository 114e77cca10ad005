"""`python -m kite_tui`."""

import sys

from kite_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
