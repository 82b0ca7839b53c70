"""Making statements quick: indexes, plans, prepared statements, search conditions."""
