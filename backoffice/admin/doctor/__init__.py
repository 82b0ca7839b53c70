"""The doctor: whether the database can answer what lists may be asked."""
