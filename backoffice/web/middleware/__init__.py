"""What every request passes before the routes; ``stack`` has the order."""
