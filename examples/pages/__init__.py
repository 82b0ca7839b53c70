"""Pages of one's own, as docs/pages.md describes them. The product does not register them."""
