"""The WSGI application served by `guanjia web`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanjia.config.settings")

application = get_wsgi_application()
