"""The languages that are installed in Odoo's stand-in, and what it says in them. Base language: en_US."""

from __future__ import annotations

INSTALLED_LANGUAGES = (
    ("en_US", "English (US)"),
    ("de_DE", "German / Deutsch"),
    ("pt_PT", "Portuguese / Português"),
)
BASE_LANGUAGE = "en_US"

TRANSLATED_FIELDS = {("crm.stage", "name"), ("ir.model", "name")}
"""Fields of records whose values have translations. A value without one is the same in all languages."""

TRANSLATIONS = {
    "pt_PT": {
        "New": "Novo",
        "Qualified": "Qualificado",
        "Proposition": "Proposta",
        "Won": "Ganho",
        "Contact": "Contacto",
        "Sales Order": "Ordem de Venda",
        "Quotation": "Orçamento",
        "Cancelled": "Cancelada",
        "Customer": "Cliente",
        "Stage": "Etapa",
        "Status": "Estado",
        "Expected Revenue": "Receita Esperada",
        "Order Date": "Data da Ordem",
    },
    "de_DE": {
        "New": "Neu",
        "Qualified": "Qualifiziert",
        "Proposition": "Angebot",
        "Won": "Gewonnen",
        "Contact": "Kontakt",
        "Sales Order": "Verkaufsauftrag",
        "Quotation": "Angebot",
        "Cancelled": "Abgebrochen",
        "Customer": "Kunde",
        "Stage": "Phase",
        "Status": "Status",
        "Expected Revenue": "Erwarteter Umsatz",
        "Order Date": "Auftragsdatum",
    },
}

MONTHS = {
    lang: names.split()
    for lang, names in {
        "en_US": "January February March April May June July August September October November December",
        "de_DE": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "pt_PT": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    }.items()
}
SHORT_MONTHS = {
    lang: names.split()
    for lang, names in {
        "en_US": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "de_DE": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        "pt_PT": "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    }.items()
}
QUARTER_LETTERS = {"en_US": "Q", "de_DE": "Q", "pt_PT": "T"}


def translate_term(term: str, lang: str) -> str:
    """Returns the term in that language, where there is a translation."""
    return TRANSLATIONS.get(lang, {}).get(term, term)
