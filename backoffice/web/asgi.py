"""The application and protocol for uvicorn:

uvicorn backoffice.web.asgi:app --http backoffice.web.asgi:protocol
"""

import sys

from backoffice.admin.checks import ViewError
from backoffice.config import SettingsError, load_settings
from backoffice.web.app import create_app
from backoffice.web.server.limits import Limits
from backoffice.web.server.protocol import bounded_protocol

try:
    settings = load_settings()
    app = create_app(settings)
except SettingsError as error:
    sys.exit(f"backoffice: {error}")
except ViewError as error:
    sys.exit("\n".join(f"backoffice: {problem}" for problem in error.problems))
protocol = bounded_protocol(Limits.from_settings(settings), settings.trusted_proxies)
