"""How people say for how long and until when, in ten languages, a line each (see command_words)."""

from __future__ import annotations

from collections.abc import Mapping

NUMBERS: Mapping[float, str] = {
    0.5: "half|half a|half an|a half|halbe|eine halbe|media|demi|une demi|demie|meia|mezza|yarım|आधा|आधे|半|半个",
    1: "a|an|one|ein|eine|einen|un|una|une|um|uma|uno|bir|एक|一|一个",
    2: "two|zwei|dos|deux|dois|duas|due|iki|दो|二|两|两个",
    3: "three|drei|tres|trois|três|tre|üç|तीन|三|三个",
    4: "four|vier|cuatro|quatre|quatro|quattro|dört|चार|四|四个",
    5: "five|fünf|cinco|cinq|cinque|beş|पांच|पाँच|五|五个",
    6: "six|sechs|seis|sei|altı|छह|六|六个",
    8: "eight|acht|ocho|huit|oito|otto|sekiz|आठ|八|八个",
    10: "ten|zehn|diez|dix|dez|dieci|on|दस|十|十个",
    15: "fifteen|fünfzehn|quince|quinze|quindici|on beş|पंद्रह|十五",
    20: "twenty|zwanzig|veinte|vingt|vinte|venti|yirmi|बीस|二十",
    30: "thirty|dreißig|treinta|trente|trinta|trenta|otuz|तीस|三十",
}

UNITS: Mapping[int, str] = {
    60: "m|min|mins|minute|minutes|minuten|minuto|minutos|minuti|dakika|dk|मिनट|分|分間|分钟|分鐘",
    3600: (
        "h|hr|hrs|hour|hours|std|stunde|stunden|hora|horas|heure|heures|ora|ore|saat|saatliğine|घंटा|घंटे|घण्टे"
        "|時間|小时|个小时|個小時|钟头|个钟头"
    ),
    24 * 3600: "d|day|days|tag|tage|día|días|jour|jours|dia|dias|giorno|giorni|gün|दिन|日間|天",
    7 * 24 * 3600: (
        "w|week|weeks|woche|wochen|semana|semanas|semaine|semaines|settimana|settimane|hafta|सप्ताह|हफ्ते|हफ़्ते"
        "|週間|周|个星期|星期|个礼拜"
    ),
}

DURATIONS: Mapping[int, str] = {
    1800: "mezz'ora|mezzora|half hour|demi-heure|une demi-heure",
    3600: "un'ora",
    5400: "an hour and a half|one and a half hours|anderthalb stunden|eineinhalb stunden|hora y media"
    "|una hora y media|une heure et demie|uma hora e meia|un'ora e mezza|bir buçuk saat|डेढ़ घंटा|डेढ़ घंटे"
    "|1時間半|一時間半|一个半小时|一小时半",
}

FOR_PREFIXES = "for|für|por|durante|pour|pendant|per"
FOR_SUFFIXES = "lang|long|boyunca|süreyle|के लिए|तक के लिए|の間"

UNTIL_PREFIXES = (
    "until|till|til|until the|bis|bis zum|bis um|hasta|hasta el|hasta las|hasta la|jusqu'à|jusqu'au|jusqu'a|até|até as|até às"
    "|até a|até à|até o|fino a|fino alle|fino al|fino all'|直到|到|至"
)
UNTIL_SUFFIXES = "kadar|तक|まで|为止"

TODAY = "today|heute|hoy|aujourd'hui|hoje|oggi|bugün|आज|今日|今天"

DAYS_AHEAD: Mapping[int, str] = {
    1: "tomorrow|morgen|mañana|demain|amanhã|domani|yarın|yarına|कल|明日|明天",
    2: (
        "the day after tomorrow|day after tomorrow|übermorgen|pasado mañana|après-demain|depois de amanhã"
        "|dopodomani|öbür gün|परसों|明後日|后天"
    ),
}

WEEKDAYS = (
    "monday|mon|montag|lunes|lundi|segunda-feira|segunda|lunedì|pazartesi|pazartesiye|सोमवार|月曜日|月曜|周一|星期一|礼拜一",
    "tuesday|tue|dienstag|martes|mardi|terça-feira|terça|martedì|salı|salıya|मंगलवार|火曜日|火曜|周二|星期二|礼拜二",
    "wednesday|wed|mittwoch|miércoles|mercredi|quarta-feira|quarta|mercoledì|çarşamba|çarşambaya|बुधवार|水曜日|水曜|周三|星期三|礼拜三",
    "thursday|thu|donnerstag|jueves|jeudi|quinta-feira|quinta|giovedì|perşembe|perşembeye|गुरुवार|木曜日|木曜|周四|星期四|礼拜四",
    "friday|fri|freitag|viernes|vendredi|sexta-feira|sexta|venerdì|cuma|cumaya|शुक्रवार|金曜日|金曜|周五|星期五|礼拜五",
    "saturday|sat|samstag|sonnabend|sábado|samedi|sabato|cumartesi|cumartesiye|शनिवार|土曜日|土曜|周六|星期六|礼拜六",
    "sunday|sun|sonntag|domingo|dimanche|domenica|pazar|pazara|रविवार|日曜日|日曜|周日|周天|星期日|星期天|礼拜天",
)

NAMED_HOURS: Mapping[int, str] = {
    12: (
        "noon|midday|mittag|mittags|mediodía|el mediodía|midi|meio-dia|mezzogiorno|öğlen|öğlene|दोपहर|正午|中午"
    ),
    0: "midnight|mitternacht|medianoche|minuit|meia-noite|mezzanotte|gece yarısı|gece yarısına|आधी रात|午夜|深夜0時",
}

AT_WORDS = "at|um|a las|a la|às|as|à|a|alle|all'|saat|के|को|の"
MORNING_MARKS = "am|a.m|in the morning|午前|上午|早上"
AFTERNOON_MARKS = "pm|p.m|in the evening|午後|下午|晚上"
CLOCK_MARKS = "uhr|h|heures|heure|horas|hs|ore|o'clock|oclock|बजे|時|点|点钟|时|'a|'e|'ya|'ye|e|a|ye|ya"
"""Marks of an hour. With one of them it is meant on a clock of 24 hours."""
