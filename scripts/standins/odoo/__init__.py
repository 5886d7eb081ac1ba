"""Stand-in of Odoo: its JSON-RPC external API with access rights over a small company."""
