"""Reference numbers, each with its source; one module per subject."""
