"""Parse what people type on the pages of interactions, visits and the contact policy."""
