"""The stand-in for the receiver of a desk's events."""
