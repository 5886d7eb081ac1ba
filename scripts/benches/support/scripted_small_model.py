"""The scripted stand-in of the coach's small model, asked without a wire in between."""

from __future__ import annotations

import msgspec

from repartee.errors import InvalidArgument
from repartee.ports import AnswerT
from standins.openai.coach.analysis import AnalysisStandIn


class ScriptedSmallModel:
    """`ports.SmallModel` by the stand-in's rules."""

    def __init__(self) -> None:
        self._standin = AnalysisStandIn()

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        return self._standin.write(text)

    def extract(self, instructions: str, text: str, answer_type: type[AnswerT]) -> AnswerT:
        try:
            return msgspec.convert(self._standin.answer(answer_type.__name__, text), answer_type)
        except (KeyError, msgspec.ValidationError) as error:
            raise InvalidArgument("small", f"an analysis that cannot be read ({error})") from None
