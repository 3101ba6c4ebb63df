"""The package from the shell: ``python -m lstm_ref train --help``."""

import sys

from lstm_ref.training.command import main

if __name__ == "__main__":
    sys.exit(main())
