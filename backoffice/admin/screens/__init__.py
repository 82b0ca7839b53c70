"""The screens, one a file. Each is a function from a visit (and a view) to a response."""
