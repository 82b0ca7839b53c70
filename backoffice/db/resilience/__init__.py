"""What keeps a request from waiting for a database that is slow, frozen, read-only or gone."""
