"""The product's own look: a logo, and colours that follow from one. Decision 30 says why so."""
