"""The scripted stand-in of the coach's small model, asked without a wire in between."""

from __future__ import annotations

import msgspec

from local.coach.analysis_standin import AnalysisStandIn
from repartee.errors import Rejected
from repartee.ports import A


class ScriptedSmallModel:
    """`ports.SmallModel` by the stand-in's rules."""

    def __init__(self) -> None:
        self._standin = AnalysisStandIn()

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        return self._standin.write(text)

    def analyse(self, instructions: str, text: str, answer: type[A]) -> A:
        try:
            return msgspec.convert(self._standin.answer(answer.__name__, text), answer)
        except (KeyError, msgspec.ValidationError) as error:
            raise Rejected("small", f"an analysis that cannot be read ({error})") from None
