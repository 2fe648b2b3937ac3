"""Earlier results from a file: which column is what, and rows as answers."""
