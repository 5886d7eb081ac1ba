"""The company's ERP on Odoo, by its JSON-RPC or, from version 19, its JSON-2 API."""

from repartee.services.odoo.client import OdooClient
from repartee.services.odoo.erp import OdooErp

__all__ = ["OdooClient", "OdooErp"]
