"""Files of existing contracts: their sheets, cells to values, what is wrong with a row. Nothing here writes."""
