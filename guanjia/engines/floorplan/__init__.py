"""Floor plans: plane geometry, and reading drawings that nobody has to trust. Pure."""
