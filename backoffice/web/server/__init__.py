"""The HTTP server's side: what a client may send, hold open and leave unread."""
