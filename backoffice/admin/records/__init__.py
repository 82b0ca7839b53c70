"""Records for every screen: keys, labels, cells, counts, and what deleting them does to others."""
