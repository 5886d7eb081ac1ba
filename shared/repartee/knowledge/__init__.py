"""Libraries of documents: cut into passages, brought in, and taken out."""
