"""What the person on call does: looking at what was deployed, and putting things right."""
