"""The languages of the interface, by their own names."""

from django.conf import settings

LANGUAGE_CHOICES = [(code, name) for code, name in settings.LANGUAGES]
