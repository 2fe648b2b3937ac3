"""App configuration."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class KamConfig(AppConfig):
    name = "kam"
    verbose_name = _("KAM")


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our login, read-only, for administrators."""

    default = False
    default_site = "core.admin.AdminSite"
