"""A fitness coach who thinks while it gathers."""
