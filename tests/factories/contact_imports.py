"""Imports of contacts made through the service, with a file on disk."""

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from integrations.models import ContactImportJob
from integrations.services import contact_imports

CONTACTS_CSV = "客户编码,姓名,手机,职位\nALICE-1,王建国,13800138000,采购总监\n"


def make_contact_import(actor, text: str = CONTACTS_CSV, *, name: str = "people.csv", on_known: str = "skip"):
    """An import that has not been started, with a file of rows given back."""
    content = text if isinstance(text, bytes) else text.encode()
    job: ContactImportJob = contact_imports.upload_contacts(
        SimpleUploadedFile(name, content), on_known=on_known, actor=actor
    )
    job.rejects.save("rejects.csv", ContentFile("row\n"))
    return job
