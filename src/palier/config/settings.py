"""The one settings module; every variable it reads is in docs/operate/settings.md (a test compares)."""

from pathlib import Path
from urllib.parse import urlsplit

from palier.config import values

PACKAGE = Path(__file__).resolve().parent.parent
VAR = Path(values.text("PALIER_VAR", str(PACKAGE.parent.parent / "var")))

DEBUG = values.switch("PALIER_DEBUG")
DEMO = values.switch("PALIER_DEMO")
PUBLIC_URL = values.text("PALIER_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
LIVE_URL = values.text("PALIER_LIVE_URL", "").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")


def _secret_key() -> str:
    """The operator's secret, or in a demo one made once and kept beside its data."""
    if key := values.text("PALIER_SECRET_KEY", ""):
        return key
    file = VAR / "secret-key"
    if not file.exists():
        import secrets

        VAR.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("x") as out:
                file.chmod(0o600)
                out.write(secrets.token_urlsafe(50))
        except FileExistsError:
            pass
    return file.read_text().strip()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = values.words("PALIER_FORMER_SECRET_KEYS")

_host = urlsplit(PUBLIC_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = [_host, *values.words("PALIER_ALSO_KNOWN_AS", "localhost 127.0.0.1")]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "palier.territories",
    "palier.accounts",
    "palier.journal",
    "palier.messaging",
    "palier.duties",
    "palier.people",
    "palier.volunteers",
    "palier.partners",
    "palier.register",
    "palier.needs",
    "palier.concerns",
    "palier.calls",
    "palier.matching",
    "palier.referrals",
    "palier.visits",
    "palier.telecare",
    "palier.reporting",
    "palier.privacy",
    "palier.exchange",
    "palier.web",
    "palier.api",
    "palier.demo",
    "palier.config",
]

MIDDLEWARE = [
    "palier.web.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "palier.web.middleware.SessionMiddleware",
    "palier.web.middleware.CommonMiddleware",
    "palier.web.middleware.language",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "palier.web.middleware.ActorAndWallMiddleware",
]

ROOT_URLCONF = "palier.config.urls"
WSGI_APPLICATION = "palier.config.wsgi.application"

TEMPLATES = [
    {
        "NAME": "jinja2",
        "BACKEND": "palier.web.jinja.Templates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "palier.web.jinja.environment"},
    },
    {
        # allauth's own pages, dressed by our layouts and elements.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates_django"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "palier.web.jinja.for_django_pages",
            ]
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": values.text("PALIER_DB_HOST", ""),
        "PORT": values.text("PALIER_DB_PORT", ""),
        "NAME": values.text("PALIER_DB_NAME", "palier"),
        "USER": values.text("PALIER_DB_USER", "palier_app"),
        "PASSWORD": values.text("PALIER_DB_PASSWORD", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c lock_timeout=5s"
            f" -c statement_timeout={values.number('PALIER_STATEMENT_TIMEOUT_MS', 15000)}"
            # Our joins follow keys in the order they are written: trying all orders costs more than the query.
            " -c idle_in_transaction_session_timeout=60s -c timezone=UTC -c join_collapse_limit=5",
            "connect_timeout": 5,
            # Values travel beside the statement, and what a connection asks for the third time is already planned.
            "prepare_threshold": 2,
            "server_side_binding": True,
        },
        "TEST": {"NAME": values.text("PALIER_TEST_DB", "palier_test")},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "palier"}}

# --- accounts -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    # ASVS 6.2 and CNIL 2022: length, no composition rule, no renewal; a second factor beside (SEC-06, SEC-07).
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 14}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "first_name", "last_name")},
    },
    {"NAME": "palier.accounts.passwords.NotOurWords"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "palier.web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key", "reset_password": "10/h/ip,3/h/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Staff need a second factor (SEC-04); a demonstration would only be slowed by it.
SECOND_FACTOR_REQUIRED = values.switch("PALIER_SECOND_FACTOR", not DEMO)
MFA_TOTP_ISSUER = "Palier"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE

SESSION_ENGINE = "palier.accounts.session"
SESSION_COOKIE_NAME = "__Host-palier" if SECURE else "palier"
# Idle half an hour, twelve hours in all (SEC-08); the middleware moves the first, the sign-in sets the second.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = values.number("PALIER_SESSION_IDLE_MINUTES", 30) * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "__Host-palier-csrf" if SECURE else "palier-csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "palier.web.errors.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None

# --- mail -----------------------------------------------------------------------------------------------------
EMAIL_BACKEND = (
    "palier.messaging.mail.Outbox"
    if not values.switch("PALIER_MAIL_NOW")
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = values.text("PALIER_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = values.number("PALIER_SMTP_PORT", 25)
EMAIL_HOST_USER = values.text("PALIER_SMTP_USER", "")
EMAIL_HOST_PASSWORD = values.text("PALIER_SMTP_PASSWORD", "")
EMAIL_USE_TLS = values.switch("PALIER_SMTP_STARTTLS")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = values.text("PALIER_MAIL_FROM", "palier@palier.example")
# Which transport carries text messages: `demo` shows them on the demo telephones.
SMS_TRANSPORT = values.text("PALIER_SMS_TRANSPORT", "demo" if DEMO else "")
SMS_URL = values.text("PALIER_SMS_URL", "")
SMS_TOKEN = values.text("PALIER_SMS_TOKEN", "")
# Whether the provider takes the same key twice as one message; without it nothing unclear is repeated.
SMS_IDEMPOTENT = values.switch("PALIER_SMS_IDEMPOTENT", True)
SMS_PER_REQUEST = values.number("PALIER_SMS_PER_REQUEST", 1)
SMS_LANES = values.number("PALIER_SMS_LANES", 16)
SMS_PER_SECOND = values.number("PALIER_SMS_PER_SECOND", 0)
# And which carries mails: `demo` beside the text messages, or `smtp`.
MAIL_TRANSPORT = values.text("PALIER_MAIL_TRANSPORT", "demo" if DEMO else "smtp")
# The role that carries messages: it sees the outbox of all territories and nothing else.
OUTBOX_DB_USER = values.text("PALIER_OUTBOX_DB_USER", "palier_outbox")
OUTBOX_DB_PASSWORD = values.text("PALIER_OUTBOX_DB_PASSWORD", "")

# --- language and time ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# --- files ----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
# Served from the package itself, unless a release ran `palier collectstatic` into the folder named here.
STATIC_ROOT = values.text("PALIER_STATIC_ROOT", "") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- jobs -----------------------------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "palier.config.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": values.text("PALIER_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}

SILENCED_SYSTEM_CHECKS = ["auth.W004"]
