"""Actions on items, as a company would add them to its own views."""
