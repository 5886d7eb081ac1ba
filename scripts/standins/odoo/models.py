"""The models of Odoo's own modules (base, crm, sale, account, project, hr_timesheet), as far as the stand-in
has them."""

from __future__ import annotations

from standins.odoo.definitions import (
    FieldDefinition,
    ModelDefinition,
    char_field,
    date_field,
    many2one_field,
    monetary_field,
    one2many_field,
    selection_field,
)

MODELS: dict[str, ModelDefinition] = {
    "res.partner": ModelDefinition(
        "Contact",
        {
            "name": char_field("Name", required=True),
            "email": char_field("Email"),
            "phone": char_field("Phone"),
            "city": char_field("City"),
            "is_company": FieldDefinition("boolean", "Is a Company"),
            "parent_id": many2one_field("Related Company", "res.partner"),
            "child_ids": one2many_field("Contact", "res.partner", "parent_id"),
            "user_id": many2one_field("Salesperson", "res.users"),
            "comment": FieldDefinition("html", "Notes"),
            "image_1920": FieldDefinition("binary", "Image"),
            "credit_limit": FieldDefinition("float", "Credit Limit", groups="account.group_account_invoice"),
            "contact_address": char_field("Complete Address", readonly=True, store=False),
        },
        order="name, id",
        has_chatter=True,
    ),
    "res.users": ModelDefinition(
        "User",
        {
            "name": char_field("Name", required=True),
            "login": char_field("Login", required=True),
            "partner_id": many2one_field("Related Partner", "res.partner"),
        },
    ),
    "crm.stage": ModelDefinition("CRM Stages", {"name": char_field("Stage Name", required=True)}, order="id"),
    "crm.lead": ModelDefinition(
        "Lead",
        {
            "name": char_field("Opportunity", required=True),
            "type": selection_field("Type", "Lead", "Opportunity", required=True),
            "partner_id": many2one_field("Customer", "res.partner"),
            "stage_id": many2one_field("Stage", "crm.stage"),
            "user_id": many2one_field("Salesperson", "res.users"),
            "expected_revenue": monetary_field("Expected Revenue"),
            "probability": FieldDefinition("float", "Probability"),
            "date_deadline": date_field("Expected Closing"),
            "date_last_stage_update": FieldDefinition("datetime", "Last Stage Update", readonly=True),
            "email_from": char_field("Email"),
            "description": FieldDefinition("html", "Notes"),
        },
        order="id desc",
        has_chatter=True,
        defaults={"type": "opportunity", "stage_id": 1, "probability": 10.0},
    ),
    "sale.order": ModelDefinition(
        "Sales Order",
        {
            "name": char_field("Order Reference", readonly=True),
            "partner_id": many2one_field("Customer", "res.partner", required=True),
            "user_id": many2one_field("Salesperson", "res.users"),
            "state": FieldDefinition(
                "selection",
                "Status",
                selection=(
                    ("draft", "Quotation"),
                    ("sent", "Quotation Sent"),
                    ("sale", "Sales Order"),
                    ("cancel", "Cancelled"),
                ),
                readonly=True,
            ),
            "date_order": FieldDefinition("datetime", "Order Date"),
            "amount_total": monetary_field("Total", readonly=True),
            "order_line": one2many_field("Order Lines", "sale.order.line", "order_id"),
        },
        order="date_order desc, id desc",
        has_chatter=True,
        defaults={"state": "draft", "name": "S00099", "amount_total": 0.0},
    ),
    "sale.order.line": ModelDefinition(
        "Sales Order Line",
        {
            "name": FieldDefinition("text", "Description", required=True),
            "order_id": many2one_field("Order Reference", "sale.order", required=True),
            "product_uom_qty": FieldDefinition("float", "Quantity"),
            "price_unit": FieldDefinition("float", "Unit Price"),
        },
    ),
    "account.move": ModelDefinition(
        "Journal Entry",
        {
            "name": char_field("Number"),
            "partner_id": many2one_field("Partner", "res.partner"),
            "move_type": FieldDefinition(
                "selection",
                "Type",
                selection=(("out_invoice", "Customer Invoice"), ("in_invoice", "Vendor Bill")),
                required=True,
            ),
            "state": selection_field("Status", "Draft", "Posted", "Cancel"),
            "payment_state": FieldDefinition(
                "selection",
                "Payment Status",
                selection=(("not_paid", "Not Paid"), ("partial", "Partially Paid"), ("paid", "Paid")),
            ),
            "invoice_date": date_field("Invoice/Bill Date"),
            "invoice_date_due": date_field("Due Date"),
            "amount_total": monetary_field("Total", readonly=True),
            "amount_residual": monetary_field("Amount Due", readonly=True),
        },
        order="invoice_date desc, id desc",
        has_chatter=True,
    ),
    "project.project": ModelDefinition(
        "Project",
        {
            "name": char_field("Name", required=True),
            "partner_id": many2one_field("Customer", "res.partner"),
            "user_id": many2one_field("Project Manager", "res.users"),
            "task_ids": one2many_field("Tasks", "project.task", "project_id"),
        },
        has_chatter=True,
    ),
    "project.task.type": ModelDefinition("Task Stage", {"name": char_field("Name", required=True)}),
    "project.task": ModelDefinition(
        "Task",
        {
            "name": char_field("Title", required=True),
            "stage_id": many2one_field("Stage", "project.task.type"),
            "state": FieldDefinition(
                "selection",
                "State",
                selection=(
                    ("01_in_progress", "In Progress"),
                    ("1_done", "Done"),
                    ("1_canceled", "Cancelled"),
                ),
                required=True,
            ),
            "project_id": many2one_field("Project", "project.project"),
            "parent_id": many2one_field("Parent Task", "project.task"),
            "user_ids": FieldDefinition("many2many", "Assignees", "res.users"),
            "date_deadline": date_field("Deadline"),
            "description": FieldDefinition("html", "Description"),
        },
        order="id desc",
        has_chatter=True,
        defaults={"state": "01_in_progress", "stage_id": 81},
    ),
    "account.analytic.line": ModelDefinition(
        "Analytic Line",
        {
            "name": char_field("Description", required=True),
            "date": date_field("Date", required=True),
            "user_id": many2one_field("User", "res.users"),
            "project_id": many2one_field("Project", "project.project"),
            "task_id": many2one_field("Task", "project.task"),
            "unit_amount": FieldDefinition("float", "Time Spent"),
        },
        order="date desc, id desc",
    ),
    "mail.message": ModelDefinition(
        "Message",
        {
            "body": FieldDefinition("html", "Contents"),
            "model": char_field("Related Document Model"),
            "res_id": FieldDefinition("integer", "Related Document ID"),
            "author_id": many2one_field("Author", "res.partner"),
        },
        name="body",
    ),
    "ir.model": ModelDefinition(
        "Models",
        {
            "name": char_field("Model Description"),
            "model": char_field("Model"),
            "transient": FieldDefinition("boolean", "Transient Model"),
        },
    ),
}
