"""What files of every kind have in common: headings in three languages, cells, what is wrong with a row."""
