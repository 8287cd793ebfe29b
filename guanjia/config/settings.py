"""Settings of every process. What differs between places comes from the environment.

``GUANJIA_HOME``: folder of data, secret and logs. ``DATABASE_URL``: the database.
``GUANJIA_DEMO``: shows the demo mark. ``GUANJIA_HOSTS``: names served besides this machine's own.
``GUANJIA_URL``: the public address, printed on vouchers. ``GUANJIA_TEMPLATES``, ``GUANJIA_FONTS``:
folders of the bureau's own Word templates and licensed fonts; ``GUANJIA_SCHEMES``: of its own
tables of indicators.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext

from guanjia.ui import proxies

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
GUANJIA_HOME = Path(os.environ.get("GUANJIA_HOME", "var")).resolve()


def _secret() -> str:
    """The secret key of this installation, made once and readable by its owner only."""
    if given := os.environ.get("GUANJIA_SECRET_KEY"):
        return given
    kept = GUANJIA_HOME / "secret.key"
    if not kept.exists():
        GUANJIA_HOME.mkdir(parents=True, exist_ok=True)
        draft = GUANJIA_HOME / f"secret.{os.getpid()}.new"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, kept)  # two processes may start at once: the first one's key stays
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return kept.read_text()


def _database(url: str) -> dict[str, Any]:
    """Django's form of ``postgresql://user:password@host:port/name?options``."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "guanjia",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(options.pop("port", "") or parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Sorting a hundred thousand keys for a deep page fits into 16 MB, not into the default 4.
        "OPTIONS": {"connect_timeout": 5, "options": "-c work_mem=16MB", **options},
    }


# openpyxl would take lxml as soon as it is installed (docxtpl brings it). Uploaded workbooks are
# read by Python's own parser, which the reading of broken and hostile files was tried with.
os.environ.setdefault("OPENPYXL_LXML", "False")

SECRET_KEY = _secret()
DEBUG = False
DEMO = os.environ.get("GUANJIA_DEMO", "") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] + [
    host for host in os.environ.get("GUANJIA_HOSTS", "").split(",") if host
]
CSRF_TRUSTED_ORIGINS = [
    origin for origin in os.environ.get("GUANJIA_ORIGINS", "").split(",") if origin
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "axes",
    "pgtrigger",
    "procrastinate.contrib.django",
    "guanjia.kernel.audit",
    "guanjia.kernel.org",
    "guanjia.kernel.access",
    "guanjia.kernel.calendar",
    "guanjia.kernel.numbering",
    "guanjia.kernel.attachments",
    "guanjia.kernel.acts",
    "guanjia.kernel.approvals",
    "guanjia.kernel.registers",
    "guanjia.kernel.vouchers",
    "guanjia.kernel.notices",
    "guanjia.kernel.exchange",
    "guanjia.ui",
    "guanjia.domains.space",
    "guanjia.domains.meeting",
    "guanjia.domains.fleet",
    "guanjia.domains.energy",
    "guanjia.domains.report",
    "guanjia.portal",
    "guanjia.demo",
]

MIDDLEWARE = [
    "guanjia.ui.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "guanjia.ui.middleware.FaultMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guanjia.portal.middleware.SessionMiddleware",
    "guanjia.portal.middleware.LookMiddleware",
    "axes.middleware.AxesMiddleware",
]

# Reverse proxies that may say for whom they ask; from all others such headers mean nothing.
TRUSTED_PROXIES = proxies.networks(os.environ.get("GUANJIA_PROXIES", ""))

ROOT_URLCONF = "guanjia.config.urls"
WSGI_APPLICATION = "guanjia.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "guanjia.ui.context.furniture",
            ],
            "builtins": ["guanjia.ui.templatetags.gj"],
        },
    }
]

# Attachments and vouchers, each under its digest; nothing here is served by address.
FILES_ROOT = GUANJIA_HOME / "files"

# Where everybody reaches this installation; printed on vouchers, so that their code leads here.
PUBLIC_URL = (
    os.environ.get("GUANJIA_URL", "").rstrip("/")
    or next((f"https://{host}" for host in ALLOWED_HOSTS[3:] if "*" not in host), "")
    or "http://127.0.0.1:8000"
)
# A bureau's own Word templates (<kind>.docx) and the fonts it has a licence for come first.
VOUCHER_TEMPLATES = Path(os.environ.get("GUANJIA_TEMPLATES", "") or GUANJIA_HOME / "templates")
# The bureau's own tables of indicators (在线考核、创建评价), beside those of the house.
SCHEME_TABLES = Path(os.environ.get("GUANJIA_SCHEMES", "") or GUANJIA_HOME / "schemes")
VOUCHER_FONTS = Path(os.environ.get("GUANJIA_FONTS", "") or GUANJIA_HOME / "fonts")

DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///guanjia"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **extra}
    for name, extra in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 10}}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "guanjia.portal.pages.doors.locked_out"
AXES_VERBOSE = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = os.environ.get("GUANJIA_HTTPS", "") == "1"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SESSION_IDLE_MINUTES = 60
CSRF_FAILURE_VIEW = "guanjia.ui.faults.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = GUANJIA_HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

FILE_UPLOAD_HANDLERS = [
    "guanjia.ui.registers.bounds.BoundedUpload",  # refuses before anything is spooled
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_BYTES_MAX = 50 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"guanjia": {"level": "INFO"}, "axes": {"level": "ERROR"}},
}
