"""Records as such: what happens to them, whatever screen asks."""
