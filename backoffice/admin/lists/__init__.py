"""Lists of records: what they are filtered, sorted and searched by, and how they are read."""
