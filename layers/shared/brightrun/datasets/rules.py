"""How each code is told: its severity, its sentence and its remedy. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.record import Problem, Severity


class Rule(msgspec.Struct, frozen=True):
    """How a code is told; `{detail}` in the message is filled with the case at hand."""

    severity: Severity
    message: str
    hint: str


def _error(message: str, hint: str) -> Rule:
    return Rule(Severity.ERROR, message, hint)


def _warning(message: str, hint: str) -> Rule:
    return Rule(Severity.WARNING, message, hint)


RULES: Mapping[Code, Rule] = MappingProxyType(
    {
        Code.INVALID_UTF8: _error(
            "the text is not UTF-8{detail}", "save the file as UTF-8 and upload it again"
        ),
        Code.BOM: _warning(
            "the file starts with a byte order mark", "harmless here; save without BOM for others"
        ),
        Code.BAD_GZIP: _error(
            "the gzip data is damaged: {detail}", "compress the file again, or upload it plain"
        ),
        Code.FILE_TOO_LARGE: _error(
            "the unpacked file is larger than {detail}", "split the file into several datasets"
        ),
        Code.TOO_MANY_ROWS: _error(
            "the file has more than {detail} rows", "split the file into several datasets"
        ),
        Code.EMPTY_FILE: _error("the file holds no rows", "put one JSON object on each line"),
        Code.LINE_TOO_LONG: _error(
            "the line is longer than {detail}", "put one row on each line; split a huge row"
        ),
        Code.NOT_JSON: _error(
            "this is not JSON: {detail}", "each line must be one complete JSON object"
        ),
        Code.DUPLICATE_KEY: _error(
            "the key {detail} stands here more than once", "keep one of them, under one name each"
        ),
        Code.LONE_SURROGATE: _error(
            "the text holds half a surrogate pair, {detail}: a character that was cut in two",
            "write the whole character, or remove what is left of it",
        ),
        Code.TOO_DEEP: _error(
            "the value is nested more than {detail} levels deep",
            "flatten it, or write the inner part as text",
        ),
        Code.OTHER_FILE_KIND: _error(
            "{detail}", "convert it to JSON Lines in UTF-8, one JSON object on each line"
        ),
        Code.NOT_OBJECT: _error(
            "this is {detail}, not a JSON object", "each line must be one JSON object in braces"
        ),
        Code.UNKNOWN_FORMAT: _error(
            "no known format has these keys: {detail}",
            'use one of the documented formats, such as {{"messages": [...]}}',
        ),
        Code.AMBIGUOUS_FORMAT: _error(
            "the keys fit several formats: {detail}", "keep the keys of one format only"
        ),
        Code.MIXED_FORMATS: _error(
            "{detail}", "a file must be of one format: convert this row or move it elsewhere"
        ),
        Code.MISSING_FIELD: _error("the field {detail} is missing", "add the field"),
        Code.WRONG_TYPE: _error("{detail}", "write the value with the type that is asked for"),
        Code.UNKNOWN_KEY: _warning(
            "the key {detail} is not known and is ignored", "remove it, or check its spelling"
        ),
        Code.UNKNOWN_ROLE: _error(
            "the role {detail} is not known", "use system, user, assistant or tool"
        ),
        Code.EMPTY_CONTENT: _error("the text is empty", "write the text, or remove this turn"),
        Code.UNSUPPORTED_CONTENT: _error(
            "content of type {detail} cannot be trained on", "use text"
        ),
        Code.NO_ASSISTANT: _error(
            "no turn of the assistant, so there is nothing to learn", "add the assistant's answer"
        ),
        Code.BAD_WEIGHT: _error("{detail}", "use weight 0 or 1, on assistant turns only"),
        Code.ALL_WEIGHTS_ZERO: _error(
            "every assistant turn has weight 0, so nothing trains",
            "give at least one turn weight 1, or remove the row",
        ),
        Code.BAD_NAME: _error(
            "the name {detail} is not valid", "use 1 to 64 of A-Z, a-z, 0-9, _ and -"
        ),
        Code.BAD_ROLE_ORDER: _warning(
            "{detail}", "turns alternate, from the user first to the assistant last"
        ),
        Code.TOOL_ARGS_NOT_JSON: _error(
            "the arguments are not a JSON object: {detail}",
            "write the arguments as a JSON object, or as a string that holds one",
        ),
        Code.TOOL_CALL_UNKNOWN: _error(
            "no earlier call has the id {detail}", "give the tool turn the id of its call"
        ),
        Code.TOOL_CALL_UNANSWERED: _error(
            "the call {detail} gets no answer before the conversation goes on",
            "add the tool turn with this id",
        ),
        Code.TOOL_UNDECLARED: _error(
            "the function {detail} is not among the row's tools", "declare it in tools"
        ),
        Code.CHOSEN_EQUALS_REJECTED: _error(
            "the preferred and the other output are the same", "give two different outputs"
        ),
        Code.META_COUNT_MISMATCH: _warning(
            "{detail}", "check that the file is complete, or correct the header"
        ),
        Code.PREFERENCE_NOT_TRAINABLE: _warning(
            "preference rows are stored and checked, but cannot be trained on yet",
            "for training now, upload the preferred answers as chat rows",
        ),
        Code.NO_TRAINABLE_PAIRS: _error(
            "no row can be trained on", "at least one row must have an answer that trains"
        ),
        Code.TOO_FEW_EXAMPLES: _warning(
            "the number of rows that train is only {detail}",
            "ten are few; fifty to a hundred good ones show an effect",
        ),
        Code.TOO_LONG: _error(
            "{detail}", "shorten the row, split it, or choose a larger maximum sequence length"
        ),
        Code.PROBABLY_TOO_LONG: _warning(
            "{detail}", "validate with the base model's tokenizer, or shorten the row"
        ),
        Code.TRUNCATED: _warning(
            "{detail}", "shorten or split the row, or upload it again with over-long rows rejected"
        ),
        Code.ZERO_TRAINED_TOKENS: _error(
            "no token of this row would be trained on", "check that the answer is not empty"
        ),
        Code.TEMPLATE_REFUSED: _error(
            "the base model's chat template refuses this row: {detail}",
            "change the order or the roles of the turns, or choose another base model",
        ),
        Code.TEMPLATE_UNSUPPORTED: _error(
            "the base model's chat template cannot be trained with: {detail}",
            "put the turns into the usual order, or choose another base model",
        ),
        Code.TEMPLATE_DROPS_CONTENT: _error(
            "the base model's chat template leaves out {detail}",
            "split the turn in two, its text and its calls, or choose another base model",
        ),
        Code.TEMPLATE_DROPS_REASONING: _error(
            "the base model's chat template leaves out {detail}",
            "choose a base model that thinks, or take the thinking out of the row",
        ),
        Code.TEMPLATE_DROPS_TOOL_CALL: _error(
            "the base model's chat template leaves out {detail}",
            "choose a base model made for tools, or make one call in each turn",
        ),
        Code.TEMPLATE_DROPS_TOOLS: _error(
            "the base model's chat template leaves out {detail}",
            "choose a base model made for tools, or take the tools out of the row",
        ),
        Code.TEMPLATE_DROPS_SYSTEM: _error(
            "the base model's chat template leaves out {detail}",
            "write it into the first question, or choose another base model",
        ),
        Code.TOO_MANY_ANSWERS: _error(
            "the row has too many answers for a template that must be rendered for each: {detail}",
            "split the row into several with fewer answers",
        ),
        Code.CHAT_TEMPLATE_MISSING: _error("{detail}", "choose a base model made for chat"),
        Code.END_OF_TURN_MISSING: _error("{detail}", "choose another base model"),
        Code.SPECIAL_TOKEN_IN_TEXT: _warning(
            "the text contains {detail}, a control token of the base model",
            "remove it, unless it is meant",
        ),
        Code.DUPLICATE_EXACT: _warning(
            "the same row as line {detail}", "remove one, unless the repetition is meant"
        ),
        Code.DUPLICATE_NEAR: _warning(
            "almost the same row as line {detail}", "remove one, unless the repetition is meant"
        ),
        Code.IN_BOTH_SPLITS: _warning(
            "the row also stands in the validation file, line {detail}",
            "remove it from one of the two",
        ),
        Code.PII_SUSPECT: _warning(
            "this looks like {detail}", "remove personal data that the model must not repeat"
        ),
        Code.PII_SEARCH_ENDED: _warning(
            "from here on nothing is said of what looks like {detail}: too much of it was none",
            "look through the rest of the file yourself, if it may hold personal data",
        ),
        Code.SECRET_SUSPECT: _error(
            "this looks like {detail}",
            "remove the secret and revoke it; waive this check if it is not one",
        ),
    }
)


def problem_of(line: int, finding: Finding) -> Problem:
    """Return the finding as the report tells it."""
    rule = RULES[finding.code]
    return Problem(
        line=line,
        path=finding.path,
        code=finding.code,
        severity=rule.severity,
        message=rule.message.format(detail=finding.detail),
        hint=finding.hint or rule.hint.format(),
        excerpt=finding.excerpt,
    )
