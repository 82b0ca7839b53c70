"""Threads that work beside the requests."""
