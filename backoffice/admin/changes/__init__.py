"""The history on pages, and who may read and undo it."""
