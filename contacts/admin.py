"""Contacts in Django's admin."""

from django.contrib import admin

from contacts.models import Contact, ContactLink, Employment
from core.admin import ReadOnlyAdmin


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ["name", "form_of_address", "consent", "erased"]
    list_filter = ["consent", "erased"]
    search_fields = ["name__startswith", "=mobile", "=email"]


@admin.register(Employment)
class EmploymentAdmin(ReadOnlyAdmin):
    list_display = ["contact", "account", "position", "from_date", "until_date", "owner"]
    list_select_related = ["contact", "account", "owner"]
    search_fields = ["=account__code", "contact__name__startswith"]


@admin.register(ContactLink)
class ContactLinkAdmin(ReadOnlyAdmin):
    list_display = ["source", "target", "kind"]
    list_select_related = ["source__contact", "source__account", "target__contact", "target__account"]
    search_fields = ["=account__code"]
