"""From a file's bytes to clean order lines: pure functions and a temporary SQLite file, no database of ours."""
