"""Settings of the tests: the real ones, with every unfetched relation an error and nothing that leaves the machine."""

import os

from palier.config import pg

os.environ["PALIER_DB_USER"] = "palier_app"
if "PALIER_DB_HOST" not in os.environ:
    # pytest reads the settings before any conftest: the database is started here.
    pg.start(pg.var_folder())
    os.environ.update(pg.environment())

from palier.config.settings import *  # noqa: F403

SECRET_KEY = "a key for the tests only, long enough to be taken for one 0123456789"
DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]  # noqa: F405
ZEAL_RAISE = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SMS_TRANSPORT = "demo"
ALLOWED_HOSTS = ["*"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# The tests of the second factor switch it on.
SECOND_FACTOR_REQUIRED = False
