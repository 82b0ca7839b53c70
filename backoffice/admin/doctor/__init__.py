"""The doctor: whether the database has the indexes that lists need."""
