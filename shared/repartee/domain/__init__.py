"""The way of a message: inbox, lease, turn, reply, memory."""
