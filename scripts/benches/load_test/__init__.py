"""The parts of scripts/bench load: many chats at once, while workers die and backends fail."""
