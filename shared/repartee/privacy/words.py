"""The words that say what a number is, in ten languages and more: a telephone, a card, an order, a version.

Words of languages with spaces stand between borders; in Chinese and Japanese they may touch the number.
"""

from __future__ import annotations

import re

WORD_CHARS = r"0-9A-Za-z_\u00c0-\u02ff\u0370-\u0dff\u10a0-\u1fff"
"""Characters that no number or address may touch. Those of languages without spaces may stand beside it."""

_FLAGS = re.IGNORECASE | re.VERBOSE

CARD_WORDS_PATTERN = re.compile(
    r"""\b(?:ccn?|credit|debit|\w{0,8}cards?|\w{0,12}kart(?:en?|enn?r|ennummer)?|carte|carta|tarjeta|\w{0,8}kaart(?:nummer)?|cart[ãa]o
    |\w{0,6}k[áa]rty\w*|kart[\u0131i]\w*|visa|amex|american\ express|maestro|mastercard|jcb|unionpay|diners)\b
    |कार्ड|カード|卡号?|银联|信用卡""",
    _FLAGS,
)

PHONE_WORDS_PATTERN = re.compile(
    r"""(?<![^\W\d_])(?:(?:tele)?phones?|ph|mob|contact|t[ée]l|tel[ée]f\w*|t[ée]l[ée]phon\w*|mobil\w*|m[óo]vil\w*|handy\w*|cell\w*
    |calls?|call\ me|ring|dial|texts?|whats-?app|signal|sms|fax|hotline|reach(?:ed)?|landline|extension
    |anruf\w*|ruf\w*|angerufen|r[üu]ckruf|durchwahl|erreich\w*|festnetz|melde
    |appel\w*|rappel\w*|joi(?:ndre|gn\w*)|portable|num[ée]ro\ de\ portable
    |ll[áa]m\w*|tfno|tlf|fijo|chiam\w*|richiam\w*|cellulare|fisso|risponde|bel|bellen|belt|gsm|nummer\ is
    |lig(?:ar|ue|a|ou)|telem[óo]vel\w*|celular|contac?to|fale|h[íi]v\w*|telefonsz[áa]m\w*|vonal\w*
    |cep|aray?\w*|ara|numaram\w*|my\ (?:new\ |own\ )?(?:number|nr|no)
    |meine\ (?:neue\ )?n(?:umme)?r|mon\ num[ée]ro|m(?:i|eu)\ n[úu]mero|mio\ numero)(?![^\W\d_])
    |मेरा\ नंबर|我的号码|私の番号|फ़ोन|फोन|मोबाइल|कॉल|व्हाट्सएप
    |电话|手机|拨打|微信|联系
    |電話|携帯|連絡先|전화|휴대폰|โทร""",
    _FLAGS,
)

_REFERENCE_WORDS = r"""(?:
    \b(?:orders?|invoices?|tickets?|refs?|references?|tracking|parcels?|cases?|serials?|sku
    |isbn|ean|gtin|imei|po|customers?|batch|lot|materials?|build|commit|articles?|items?|parts?|models?|jobs?
    |requests?|transactions?|ids?|version|release|revision|rev|chapter|pages?|room|error|code|status|timestamp|epoch|account
    |meeting|pid|line)\b
    |\b(?:bestell|auftrag|rechnung|kunden|vorgang|artikel|serien|aktenzeichen|sendung|(?-i:Charge)|beleg|vertrag|matnr|hrb
    |handelsregister|commande|facture|colis|dossier|r[ée]f[ée]renc|suivi|contrat|devis|siret|siren
    |pedido|factura|albar[áa]n|referencia|expediente|seguimiento|art[íi]culo
    |ordin[ei]\b|fattur|pratica|spedizion|codice|articol|lotto|ordine
    |bestel|factuur|klant|zending|ordernummer|zaak|kvk
    |encomenda|fatura|processo|refer[êe]ncia|lote
    |sipari[şs]|takip|kargo|parti|s[üu]r[üu]m
    |rendel|sz[áa]mla|csomag|cikk|[üu]gysz|szerz[őo]d|c[ée]gjegyz|ad[óo]sz)\w*
    |ऑर्डर|इनवॉइस|ट्रैकिंग|संस्करण|बिल|रसीद|注文|請求書?|追跡|品番|型番|伝票|会議|バージョン|订单|发票|快递|编号|单号|版本|会议)"""
"""Words for numbers that identify no person."""

_NEUTRAL = r"""(?:\bn(?:o|r|[°ºo]|\.?º|um|ummer|umber|úmero|umero|uméro|umaras[\u0131i])?(?:\.|\b)
    |[#№:=."'`,(\[\s-]|n[°º]
    |\b(?:is|was|ist|war|lautet|es|est|è|é|id|code|de|di|da)\b
    |नंबर|番号|号码?|号|は|是|है)"""
"""Words and marks that stand between a number and what it is called, and say nothing of it themselves."""

ADJACENT_REFERENCE_PATTERN = re.compile(rf"{_REFERENCE_WORDS}{_NEUTRAL}{{0,8}}\Z", _FLAGS)
BARE_NEUTRAL_PATTERN = re.compile(r"(?:\#|№|\bn[or]\.?|\bn\.?[°º]|\bn\.)\s?\Z", _FLAGS)
"""`no.` or `#` before a number: that of an order or a model, unless it is called a card or a telephone."""

VERSION_WORDS_PATTERN = re.compile(
    r"""\b(?:v|ver\.?|versions?|versione|versi[óo]n|vers[ãa]o|verzi[óo]|s[üu]r[üu]m\w*|releases?|firmware|builds?
    |(?:up|down)grad\w*|updat\w*|install\w*|patch\w*|drivers?|treiber|sdk|kernel|packages?|pip|npm|image)\b
    |संस्करण|バージョン|版本|升级""",
    _FLAGS,
)
ADDRESS_WORDS_PATTERN = re.compile(
    r"""\b(?:ips?|ipv[46]|address\w*|adres\w*|hosts?|servers?|serveur|servidor|dns|ping\w*|log-?ins?|log(?:ged)?
    |attack\w*|client\w*|vpn|firewall|proxy|gateway|router|traffic|nmap|ssh|curl)\b
    |लॉगिन|アクセス|地址|登录|攻击""",
    _FLAGS,
)
ORIGIN_WORDS_PATTERN = re.compile(r"(?:\b(?:from|von|desde|depuis|dal?|de)|来自)\s?\Z", re.IGNORECASE)
"""Words right before what may be an address, where nothing speaks of versions."""
