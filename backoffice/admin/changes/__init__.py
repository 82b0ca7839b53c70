"""The history as screens show it, and who may read and undo it."""
