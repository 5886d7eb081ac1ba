"""What is known of training without asking anybody: units, what is plausible, progress, and its picture."""
