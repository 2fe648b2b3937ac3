"""The one settings file.

Every value that differs between installations comes from the environment (`.env.example` names them all). With nothing
set, KAM runs in *embedded* mode: SQLite, a file-system broker and a secret key of its own, all in `KAM_DATA_DIR`.
Setting `DATABASE_URL` turns embedded mode off; then a secret key and host names must be given.
"""

import contextlib
import os
import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF

from core.api.description import DESCRIPTION

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

DATA_DIR = Path(env.str("KAM_DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()
EMBEDDED = not env.str("DATABASE_URL", default="")
DEBUG = env.bool("DEBUG", default=False)


def _own_secret_key() -> str:
    """The key of an embedded installation: made once, readable by the owner only, outside git."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        own = path.with_suffix(f".{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(50), encoding="ascii")
        with contextlib.suppress(FileExistsError):  # another process was faster: its key counts
            path.hardlink_to(own)
        own.unlink()
    return path.read_text(encoding="ascii")


SECRET_KEY = env.str("SECRET_KEY", default="") or (_own_secret_key() if EMBEDDED else env.str("SECRET_KEY"))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if EMBEDDED else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")

INSTALLED_APPS = [
    "kam.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "template_partials",
    "core",
    "audit",
    "users",
    "search",
    "notifications",
    "approvals",
    "accounts",
    "contacts",
    "interactions",
    "orders",
    "contracts",
    "surveys",
    "health",
    "tiers",
    "dashboards",
    "integrations",
    "kam",
]

MIDDLEWARE = [
    "kam.health.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.api.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "users.middleware.PreferencesMiddleware",
    "audit.middleware.AuditContextMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.middleware.HtmxMiddleware",
    "core.middleware.RefusalMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "kam.urls"
WSGI_APPLICATION = "kam.wsgi.application"
ASGI_APPLICATION = "kam.asgi.application"

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
            ],
            "builtins": [
                "core.templatetags.ui",
                "core.templatetags.charts",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]
FORM_RENDERER = "core.forms.KamFormRenderer"

if EMBEDDED:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "kam.sqlite3",
            "OPTIONS": {
                # Without these, concurrent writers fail with "database is locked".
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
                    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456"
                ),
            },
        }
    }
else:
    DATABASE = {**env.db("DATABASE_URL"), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # To compile a statement takes PostgreSQL seconds, where the statement itself takes milliseconds.
    DATABASE["OPTIONS"] = {"options": "-c jit=off", **DATABASE.get("OPTIONS", {})}
    DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
# Shared by all processes, also when embedded: login rate limits and throttles need that.
CACHES = {"default": env.cache("CACHE_URL", default=REDIS_URL or f"filecache://{DATA_DIR / 'cache'}?max_entries=20000")}

# People and login
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "users.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105  a class
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,5/10m/key", "reset_password": "20/m/ip,5/m/key"}
# Behind a proxy the client's address is the last one that the proxy added; without this all would share one limit.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0

# Languages, time, money
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "core.formats"
LANGUAGE_COOKIE_NAME = "kam_language"
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True
FORMS_URLFIELD_ASSUME_HTTPS = True
REPORTING_CURRENCY = env.str("REPORTING_CURRENCY", default="CNY")

# Static files: static/src/ and the packages of package.json, bundled by `npm run build` into static/build/
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if not EMBEDDED else DATA_DIR / "staticfiles"
STATICFILES_DIRS = [("build", BASE_DIR / "static" / "build")]
MEDIA_ROOT = DATA_DIR / "files"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a contract of 200 lines and 200 instalments is one form
MAX_FILE_MB = env.int("MAX_FILE_MB", default=20)
EXPORT_DAYS = env.int("EXPORT_DAYS", default=7)  # that the file of an export is kept
EXPORT_MAX_ROWS = env.int("EXPORT_MAX_ROWS", default=1_000_000)
_static_storage = (
    "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    if EMBEDDED
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": env.str("STATICFILES_BACKEND", default=_static_storage)},
}

# Celery: no work lives only in the broker, so a lost message is only a lost doorbell (see kam/celery.py)
EMBEDDED_BROKER = not REDIS_URL
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
BROKER_DIR = DATA_DIR / "broker"
if EMBEDDED_BROKER:
    BROKER_DIR.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT = "kam.broker:Transport"
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # its replies would pile up as files
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.02,
    }

# Calls to addresses that people typed (core/outgoing.py): hosts that may be private or speak plain http
OUTGOING_ALLOWED_HOSTS = env.list("OUTGOING_ALLOWED_HOSTS", default=[])
OUTGOING_CONNECT_SECONDS = 5.0
OUTGOING_TOTAL_SECONDS = 10.0
# Secrets in the database (core/sealing.py): the first key seals, all of them and SECRET_KEY open
FIELD_KEYS = env.list("FIELD_KEYS", default=[])

# Mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="KAM <kam@localhost>")

# Security
_https = env.bool("HTTPS", default=not EMBEDDED)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integrations.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.ScopedAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.api.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.KamSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": env.str("API_RATE", default="6000/min")},
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "PAGE_SIZE": 50,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KAM",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AccountCategory": "accounts.choices.Category",
        "AccountStatus": "accounts.choices.Status",
        "AccountSource": "accounts.choices.Source",
        "ApprovalMode": "approvals.choices.Mode",
        "ApprovalStatus": "approvals.choices.RequestStatus",
        "ApprovalStepStatus": "approvals.choices.StepStatus",
        "MemberRole": "accounts.choices.MemberRole",
        "Closeness": "contacts.choices.Closeness",
        "ContactLinkKind": "contacts.choices.LinkKind",
        "ContractKind": "contracts.choices.ContractKind",
        "ContractPhase": "contracts.choices.Phase",
        "ContractState": "contracts.choices.State",
        "ExportFormat": "dashboards.choices.ExportForm",
        "ExportStatus": "dashboards.choices.ExportStatus",
        "HealthAlertOutcome": "health.choices.AlertOutcome",
        "HealthAlertReason": "health.choices.Reason",
        "HealthAlertSeverity": "health.choices.Severity",
        "HealthAlertStatus": "health.choices.AlertStatus",
        "HealthBacktestStatus": "health.choices.JobStatus",
        "HealthBand": "health.choices.Band",
        "HealthLostCause": "health.choices.LostCause",
        "HealthModelKind": "health.choices.ModelKind",
        "HealthPlaybookRunStatus": "health.choices.PlaybookRunStatus",
        "HealthRunStage": "health.choices.RunStage",
        "HealthStepRole": "health.choices.StepRole",
        "RelationshipStage": "accounts.choices.Stage",
        "HealthStepStatus": "health.choices.StepStatus",
        "NotificationDeliveryMode": "notifications.choices.DeliveryMode",
        "RobotChannel": "notifications.channels.ROBOT_CHOICES",
        "SurveyAnswerStatus": "surveys.choices.ResponseStatus",
        "SurveyCampaignStatus": "surveys.choices.CampaignStatus",
        "SurveyChannel": "surveys.choices.Channel",
        "SurveyEvent": "surveys.choices.Event",
        "SurveyFollowUpKind": "surveys.choices.FollowUpKind",
        "SurveyFollowUpOutcome": "surveys.choices.FollowUpOutcome",
        "SurveyFollowUpStatus": "surveys.choices.FollowUpStatus",
        "SurveyInvitationStatus": "surveys.choices.InvitationStatus",
        "SurveyResponseSource": "surveys.choices.ResponseSource",
        "SurveyTiming": "surveys.choices.Timing",
        "SurveyVersionStatus": "surveys.choices.VersionStatus",
        "RenewalOutcome": "contracts.choices.RenewalOutcome",
        "ReceiptMethod": "contracts.choices.ReceiptMethod",
        "ContractVersionStatus": "contracts.choices.VersionStatus",
        "Language": "core.languages.LANGUAGE_CHOICES",
        "Seniority": "contacts.choices.Seniority",
        "Tier": "accounts.choices.Tier",
        "TierSource": "accounts.choices.TierSource",
        "Currency": "core.money.CURRENCY_CHOICES",
        "OrderKind": "orders.models.OrderKind",
        "OrderOutcome": "orders.api.serializers.BULK_STATUSES",
        "InteractionKind": "interactions.choices.Kind",
        "InteractionOutcome": "interactions.choices.Outcome",
        "LeaveKind": "users.models.LeaveKind",
        "NextStepKind": "interactions.choices.StepKind",
        "NextStepStatus": "interactions.choices.StepStatus",
        "TierMethod": "tiers.choices.Method",
        "TierRunStatus": "tiers.choices.RunStatus",
        "UserRole": "users.models.Role",
        "VisitSource": "interactions.choices.VisitSource",
        "VisitStatus": "interactions.choices.VisitStatus",
    },
    # Each group opens at a click, and no list of all schemas: all operations at once hung the browser.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "defaultModelsExpandDepth": -1},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Scanners ask for any host name: they get their 400, and no page of traceback in the log
    "loggers": {
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "fontTools": {"level": "WARNING"},  # tells of every table of every font of a PDF
    },
}
