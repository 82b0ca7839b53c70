"""What every record screen can do. Nothing here knows Item, Category or User."""
