"""The parts of a record's page: its facts, and the records that belong to it."""
