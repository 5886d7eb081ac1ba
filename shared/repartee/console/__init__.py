"""The operators' web application: conversations, why a turn was slow, health, set-up, a place to try it."""
