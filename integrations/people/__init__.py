"""Files of contacts: columns, cells to values, what is wrong with a row. Nothing here writes."""
