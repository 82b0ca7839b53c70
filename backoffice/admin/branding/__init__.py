"""Branding: a logo, and the colours derived from one. See decision 30."""
