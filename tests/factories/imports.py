"""Imports made through the service, with a file on disk."""

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from integrations.models import ImportJob
from integrations.services import imports
from orders.intake.profile import make_profile
from orders.models import ImportProfile
from orders.services.profiles import save_profile

ORDERS_CSV = "订单号,客户编码,日期,产品编码,数量,单价\nSO-1,ALICE-1,2026-02-03,P1,2,10.50\n"


def make_import(actor, text: str = ORDERS_CSV, *, name: str = "orders.csv") -> ImportJob:
    """An import that has not been started, with a file of rejected rows."""
    job = imports.upload_file(SimpleUploadedFile(name, text.encode()), profile="generic", actor=actor)
    job.rejects.save("rejects.csv", ContentFile("row\n"))
    return job


def make_profile_row(name: str = "SAP") -> ImportProfile:
    """A saved import profile."""
    return save_profile(make_profile(name, {"external_id": "VBELN"}, {"credit_prefixes": ["RE"]}), actor=None)
