"""Forms of records: their fields, what was typed, and two people who edit one record."""
