"""The keys by which the format of a row is known. Pure.

Covered by the tests of what reads them: `parsing.format_detection` and `files.element_starts`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from brightrun.datasets.record import DatasetFormat

# A row is of a format when it has all the keys of one of these groups.
SIGNATURES: Mapping[DatasetFormat, tuple[frozenset[str], ...]] = MappingProxyType(
    {
        DatasetFormat.BRIGHTRUN_V4: (
            frozenset({"_meta"}),
            frozenset({"current_user_input", "target_response"}),
            frozenset({"current_user_input", "conversation_history"}),
        ),
        DatasetFormat.OPENAI_CHAT: (frozenset({"messages"}),),
        DatasetFormat.TURNS: (frozenset({"turns"}),),
        DatasetFormat.PROMPT_COMPLETION: (frozenset({"prompt", "completion"}),),
        DatasetFormat.ALPACA: (frozenset({"instruction", "output"}),),
        DatasetFormat.PREFERENCE: (
            frozenset({"preferred_output", "non_preferred_output"}),
            frozenset({"input", "preferred_output"}),
        ),
    }
)
TELLING_KEYS = frozenset({"conversations"}).union(
    *(group for groups in SIGNATURES.values() for group in groups)
)
