"""Making statements fast: indexes, plans, prepared statements, search conditions."""
