"""How people tell the assistant to stop, to be quiet and to speak again, in ten languages.

A line of a text is a language: English, German, Spanish, French, Portuguese, Italian, Turkish, Hindi, Japanese,
Chinese. Phrases are split at |. A phrase is here only if it can hardly mean anything else when it is all that a
person writes: "sus" is Turkish for "be quiet" and English slang, so it needs the Turkish "please".
"""

from __future__ import annotations

STOP_PHRASES = """
stop|stop talking|stop writing|stop answering
stopp|halt|hör auf|aufhören
pare|detente|basta|para ya
arrête|arrêtez|arrête-toi|arrêtez-vous
chega|parar
fermati|smettila|ferma|basta
dur|durdur|yeter
रुको|रुकिए|रुक जाओ|रुक जाइए|बंद करो|स्टॉप
ストップ|止まって|止めて|やめて|停止|中止
停|停止|停下|别说了|打住
"""

MUTE_PHRASES = """
mute|be quiet|go quiet|stay quiet|be silent|mute yourself
stumm|stummschalten|stumm schalten|schalte dich stumm|sei still|sei ruhig|sei leise|ruhe|mute dich|bitte still|still bitte
silencio|silénciate|cállate|guarda silencio|modo silencio|silenciar|mutear
silence|tais-toi|tais toi|taisez-vous|mode silencieux|sourdine|mets-toi en sourdine
silêncio|mudo|fica quieto|fique quieto|fica em silêncio|fique em silêncio|cale-se|modo silencioso
silenzio|muto|zitto|stai zitto|fai silenzio|taci|modalità silenziosa
sessiz ol|sessize al|sessize geç|sessiz mod|sus lütfen|lütfen sus
म्यूट|म्यूट करो|म्यूट करें|म्यूट कर दो|म्यूट हो जाओ|चुप रहो|चुप रहें|चुप रहिए|चुप हो जाओ|शांत रहो|शांत रहें|शांत हो जाओ
ミュート|ミュートに|静かに|黙って|消音
静音|保持安静|闭嘴|别说话|安静点
"""

QUIET_WORDS = "quiet|ruhig|leise|sessiz|चुप|安静"
"""Words that ask for quiet with a "please", an exclamation mark or a time, and may describe something without."""

HALT_WORDS = "para"
"""Likewise words that ask to stop: this one is "money" in Turkish."""

UNMUTE_PHRASES = """
unmute|un-mute|unmute yourself|speak again|talk again|you can speak again|you may speak again|you can talk again|you may talk again
stummschaltung aufheben|stummschaltung aus|nicht mehr stumm|wieder sprechen|sprich wieder|rede wieder|du darfst wieder reden|du darfst wieder sprechen|du kannst wieder reden|du kannst wieder sprechen|entstummen
quita el silencio|quitar silencio|desmutear|desmutea|puedes hablar|puedes hablar de nuevo|vuelve a hablar|habla de nuevo|reactiva el sonido
réactive le son|tu peux parler|tu peux reparler|reparle|parle à nouveau|désactive le mode silencieux|démute
pode falar|podes falar|já podes falar|pode falar de novo|volta a falar|volte a falar|tira do mudo|tire do mudo|desmutar|ative o som
riattiva l'audio|riattiva audio|togli il muto|puoi parlare|puoi parlare di nuovo|torna a parlare|parla di nuovo
sesi aç|sesini aç|sessizden çık|sessizi kapat|sessiz modu kapat|konuşabilirsin|tekrar konuş|tekrar konuşabilirsin
अनम्यूट|अनम्यूट करो|अनम्यूट करें|अनम्यूट कर दो|म्यूट हटाओ|म्यूट हटा दो|म्यूट हटाएं|बोल सकते हो|फिर से बोलो
ミュート解除|ミュートを解除|話していい|話してもいい|喋っていい
取消静音|解除静音|关闭静音|可以说话了|你可以说话了|可以说话
"""

PLEASE_WORDS = """
please|pls|plz
bitte
por favor|porfa
s'il te plaît|s'il vous plaît|stp|svp
per favore|per piacere
lütfen
कृपया|प्लीज
お願いします|をお願いします|お願い|ください|下さい|どうか
请|麻烦
"""

FILLERS = """
thanks|thank you|thx|now|right now|ok|okay|hey|hi|hello
danke|jetzt|sofort|mal|hallo
gracias|ahora|ya|hola
merci|maintenant
obrigado|obrigada|agora
grazie|adesso|subito|ciao
teşekkürler|artık|şimdi
धन्यवाद|अब|अभी
もう|して|よ|ね
谢谢|吧|一下|现在
"""
"""Words that change nothing about a command, and do not make one."""

NAMES = "repartee|bot|assistant|assistent|asistente|assistente|asistan|असिस्टेंट|アシスタント|助手|机器人"
"""How the assistant may be called in front of a command, beside its name on the platform."""
