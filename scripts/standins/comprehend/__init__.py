"""Stand-in of Amazon Comprehend's detection of personal data."""
