"""The kernel is tested without the project's settings: it needs nothing of Django but its translations."""

import os
from collections.abc import Iterator

import django
import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

# Two cores are shared by everything: a slow moment of the machine is not a failure of the code.
hypothesis_settings.register_profile("steady", deadline=None)
hypothesis_settings.load_profile("steady")

if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
    settings.configure(USE_I18N=True, USE_TZ=True, LANGUAGE_CODE="fr")
    django.setup()


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    with translation.override("fr"):
        yield
