"""Parse what people type on the pages of the integrations."""

from integrations.forms.imports import MappingForm, UploadForm
from integrations.forms.tokens import TokenForm

__all__ = ["MappingForm", "TokenForm", "UploadForm"]
