"""Builds signed requests of each channel from the payloads in events/."""
