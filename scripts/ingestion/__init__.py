"""How documents become passages of the coach's library."""
