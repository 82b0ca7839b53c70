"""What uvicorn runs: ``uvicorn backoffice.web.asgi:app``."""

import sys

from backoffice.config import SettingsError
from backoffice.web.app import create_app

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"backoffice: {error}")
