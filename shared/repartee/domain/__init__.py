"""Values of the domain: messages, replies, prompts, commands, proposals, budgets. No input or output."""
