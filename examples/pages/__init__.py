"""Custom pages, as docs/pages.md describes them. The product does not register them."""
