"""What contracts refuse, in words."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden
