"""Actions: which records they may change, their form and preview, their page, and the run."""
