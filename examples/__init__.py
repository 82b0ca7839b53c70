"""What shows the back office at work. The package ``backoffice`` runs without any of it."""
