"""Documents of contracts: the fields of templates, and how a template becomes a DOCX and a PDF."""
