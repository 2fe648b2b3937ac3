"""What the churn model refuses, in words."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict


class ModelTampered(Conflict):
    code = "churn_model_tampered"
    message = _("The stored churn model does not match its signature; it is not used. Train a new one.")


class ModelOfAnotherVersion(Conflict):
    code = "churn_model_version"
    message = _("The stored churn model is of another version of KAM; it is not used. Train a new one.")
