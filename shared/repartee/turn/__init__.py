"""Answers chats: takes a lease, runs the plan of an assistant, writes the reply, records the exchange."""
