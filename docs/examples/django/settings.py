"""What Django has to know, as in any project: but all is made anew at each start."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management.utils import get_random_secret_key

FOLDER = TemporaryDirectory(prefix="ws-example-")

ALLOWED_HOSTS = ["localhost"]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(FOLDER.name, "db.sqlite3")}
}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
LOGGING = {"version": 1, "loggers": {"django.server": {"level": "WARNING"}}}
LOGIN_REDIRECT_URL = "wall"
LOGIN_URL = "login"
LOGOUT_REDIRECT_URL = "login"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
# The tables are made as the models are now, without the migrations that led there: a new
# database has no need for these. And the hashes of passwords are those that take a short time.
MIGRATION_MODULES = {"auth": None, "contenttypes": None, "sessions": None}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
ROOT_URLCONF = "pages"
SECRET_KEY = get_random_secret_key()
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
USE_TZ = True
