"""Forms: their fields, reading and saving them, and merging the edits of two people."""
