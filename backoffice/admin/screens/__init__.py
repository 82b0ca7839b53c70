"""The screens, one per file. Each is a function from a context (and a view) to a response."""
