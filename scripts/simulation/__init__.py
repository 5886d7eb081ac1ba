"""Simulates the queue and the workers, and calculates what more conversations need."""
