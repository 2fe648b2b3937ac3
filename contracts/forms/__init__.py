"""Parse what people type on the pages of contracts."""
