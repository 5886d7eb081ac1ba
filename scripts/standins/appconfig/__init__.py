"""Stand-in of the AWS AppConfig data API: sessions, single-use tokens and poll intervals."""
