"""The arguments of the tools that read the ERP. The model is told their JSON schemas."""

from __future__ import annotations

from typing import Annotated

import msgspec

DOMAIN_ARGUMENT_DESCRIPTION = (
    'An Odoo domain as JSON: [["stage_id.name","=","New"],["expected_revenue",">",1000]]. Conditions all '
    'hold; "|" before two means either, "!" before one means not. [] for all.'
)


class SearchRecords(msgspec.Struct, frozen=True):
    """Records of a model."""

    model: str
    domain: Annotated[str, msgspec.Meta(description=DOMAIN_ARGUMENT_DESCRIPTION)]
    fields: tuple[str, ...]
    order: Annotated[str, msgspec.Meta(description="like 'create_date desc'; empty for the model's own")]
    limit: Annotated[int, msgspec.Meta(description="at most 50")]


class CountRecords(msgspec.Struct, frozen=True):
    """How many records."""

    model: str
    domain: Annotated[str, msgspec.Meta(description=DOMAIN_ARGUMENT_DESCRIPTION)]


class GroupRecords(msgspec.Struct, frozen=True):
    """Records counted and summed in groups."""

    model: str
    domain: Annotated[str, msgspec.Meta(description=DOMAIN_ARGUMENT_DESCRIPTION)]
    by: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="fields; dates as date_order:month (day, week, quarter, year)"),
    ]
    computed: Annotated[
        tuple[str, ...], msgspec.Meta(description="like amount_total:sum (avg, min, max, count_distinct)")
    ]
    order: Annotated[
        str, msgspec.Meta(description="like 'amount_total:sum desc' or '__count desc'; or empty")
    ]
    limit: Annotated[int, msgspec.Meta(description="at most 50")]


class DescribeModel(msgspec.Struct, frozen=True):
    """A model's fields."""

    model: str
