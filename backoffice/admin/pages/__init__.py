"""Page objects, and how they become HTML."""
