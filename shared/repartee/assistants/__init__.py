"""The assistants: each its steps, prompts and plan over the same parts."""
