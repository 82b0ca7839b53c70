"""``python -m backoffice …``"""

import sys

from backoffice.cli import main

if __name__ == "__main__":
    sys.exit(main())
