"""The screens, one a file. Each is a function from a context (and a view) to a response."""
