"""Everyday shapes of tables, none of which the product has: each kind of column, key, relation and
place that a company's schema may bring."""
