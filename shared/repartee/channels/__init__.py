"""The platforms: each verifies, parses and delivers."""
