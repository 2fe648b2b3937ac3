"""The HTML doors of approvals."""
