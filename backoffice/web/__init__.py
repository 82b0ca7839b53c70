"""The web application: everything between the socket and the screens."""
