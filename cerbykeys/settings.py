"""Every setting of the site. What an operator may change is read from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from . import data_folder, env

env.refuse_unknown(os.environ)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_folder.location()
KEYRING_PATH = data_folder.keyring_path()
SECRET_KEY = data_folder.secret_key()

# There is no debug mode: a debug page shows secrets to whoever causes an error.
DEBUG = False

# --- Who is served ---------------------------------------------------------------------------

LOOPBACK_HOSTS = [".localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.hosts("CERBYKEYS_ALLOWED_HOSTS") or LOOPBACK_HOSTS
TRUSTED_PROXIES = env.networks("CERBYKEYS_TRUSTED_PROXIES")
CONNECTOR_HOSTS = env.hosts_and_ports("CERBYKEYS_CONNECTOR_HOSTS")
SERVER_HOST = env.address("CERBYKEYS_HOST", "127.0.0.1")
SERVER_PORT = env.integer("CERBYKEYS_PORT", 8000, low=1, high=65535)
SERVER_WORKERS = env.integer("CERBYKEYS_WORKERS", 2, low=1, high=64)

# Beyond the loopback, only HTTPS: browsers keep a session cookie off plain HTTP.
_https_only = any(host not in {*LOOPBACK_HOSTS, "localhost"} for host in ALLOWED_HOSTS)
SECURE_SSL_REDIRECT = _https_only
SECURE_HSTS_SECONDS = 365 * 86_400 if _https_only else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https_only
SECURE_HSTS_PRELOAD = _https_only
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = _https_only
CSRF_COOKIE_SECURE = _https_only
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- What it is made of ----------------------------------------------------------------------

INSTALLED_APPS = [
    "workspaces.sealing",
    "workspaces.contract",
    "workspaces.activity",
    "workspaces.directory",
    "workspaces.vaults",
    "workspaces.automation",
    "workspaces.keys",
    "cerbykeys.apps.SiteConfig",
    "cerbykeys.apps.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "lucide",
]

# What every request passes; then the ways of the API and of pages part.
MIDDLEWARE = [
    "cerbykeys.request_ids.RequestIdMiddleware",
    "cerbykeys.health.HealthMiddleware",
    "cerbykeys.request_lines.RequestLineMiddleware",
    "cerbykeys.proxies.TrustedProxiesMiddleware",
    "cerbykeys.fork.ApiFork",
    "cerbykeys.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "cerbykeys.errors.PageErrorsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workspaces.directory.middleware.SignInMiddleware",
    "workspaces.directory.middleware.TimeZoneMiddleware",
    "workspaces.directory.middleware.ActorMiddleware",
]
API_MIDDLEWARE = [
    "cerbykeys.headers.ApiHeadersMiddleware",
    "cerbykeys.errors.ApiErrorsMiddleware",
    "workspaces.keys.middleware.ApiKeyMiddleware",
]

ROOT_URLCONF = "cerbykeys.urls"
WSGI_APPLICATION = "cerbykeys.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspaces.directory.context.shell",
            ],
            "builtins": ["lucide.templatetags.lucide", "cerbykeys.words"],
        },
    }
]

# --- Where it keeps things -------------------------------------------------------------------

POSTGRES = env.postgres("DATABASE_URL")
REDIS_URL = env.redis("REDIS_URL")

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "db.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        # A transaction that reads and then writes must not lose its lock in between.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}
if POSTGRES:
    POSTGRES["CONN_HEALTH_CHECKS"] = True
    POSTGRES["OPTIONS"] = {
        # A host that has vanished is given up in seconds, not in TCP's quarter of an hour.
        "connect_timeout": 2,
        "tcp_user_timeout": 3_000,  # milliseconds
        "keepalives_idle": 5,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        # What a connection is asked five times is prepared; with bindings of the client, never.
        "server_side_binding": True,
        "prepare_threshold": 5,
        "pool": {
            # A worker of the server keeps as many as it has threads (database.connect_early), a
            # command one. Two more are for what asks beside them: uses of keys, probes.
            "min_size": 1,
            "max_size": 10,
            # Who finds none free, or no database, is answered soon that it is unavailable.
            "timeout": 2,
            "max_lifetime": 30 * 60,
            "max_idle": 5 * 60,
            # A failed attempt is not put off for longer and longer: the next request makes another.
            "reconnect_timeout": 1,
        },
        **POSTGRES.get("OPTIONS", {}),
    }

DATABASES = {"default": POSTGRES or SQLITE}
CACHES = {
    "default": {"BACKEND": "cerbykeys.cache.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
# Sessions hold wizard drafts: in the database, where a row can be locked and nothing is evicted.
SESSION_ENGINE = "workspaces.keys.sessions"
SESSION_COOKIE_AGE = 14 * 86_400
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

STATIC_URL = "static/"
# An image has them made where it is built, and is not written afterwards.
_built = BASE_DIR / "staticfiles"
STATIC_ROOT = _built if _built.is_dir() else DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cerbykeys.static.StaticStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Time and language -----------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"

# --- Sign-in ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "directory.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "workspaces.directory.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
MFA_ADAPTER = "workspaces.directory.sign_in.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "cerbykeys"

DEFAULT_FROM_EMAIL = "cerbykeys@localhost"
if _mail := env.mail("CERBYKEYS_EMAIL_URL"):
    EMAIL_HOST = _mail.host
    EMAIL_PORT = _mail.port
    EMAIL_HOST_USER = _mail.user
    EMAIL_HOST_PASSWORD = _mail.password
    EMAIL_USE_TLS = _mail.starttls
    EMAIL_USE_SSL = _mail.tls
    EMAIL_TIMEOUT = 10
else:
    # A reset link is a credential: without a mail server it goes to a file, never to the log.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# --- Headers and logs ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

LOGGING_CONFIG = "cerbykeys.logs.configure"
LOGGING = {"level": "INFO"}
