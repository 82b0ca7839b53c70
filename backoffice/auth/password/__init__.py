"""Passwords: their hashes, the rules for new ones, and attempts to give one."""
