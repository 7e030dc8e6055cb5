"""Severity and hint of each code, typed out: the oracle for `brightrun.datasets.rules`."""

TRAINS = "at least one row must have an answer that trains"
TYPE = "write the value with the type that is asked for"
TURNS = "turns alternate, from the user first to the assistant last"
ONE_FORMAT = "a file must be of one format: convert this row or move it elsewhere"
ARGUMENTS = "write the arguments as a JSON object, or as a string that holds one"
ORDER = "change the order or the roles of the turns, or choose another base model"
SPLIT_TURN = "split the turn in two, its text and its calls, or choose another base model"
THINKING = "choose a base model that thinks, or take the thinking out of the row"
CALLS = "choose a base model made for tools, or make one call in each turn"
TOOLS = "choose a base model made for tools, or take the tools out of the row"
FIRST_QUESTION = "write it into the first question, or choose another base model"
LONG = "shorten the row, split it, or choose a larger maximum sequence length"
CUT = "shorten or split the row, or upload it again with over-long rows rejected"
DOCUMENTED = 'use one of the documented formats, such as {"messages": [...]}'
PREFERRED = "for training now, upload the preferred answers as chat rows"
SECRET = "remove the secret and revoke it; waive this check if it is not one"

CODES: dict[str, tuple[str, str]] = {
    "invalid_utf8": ("error", "save the file as UTF-8 and upload it again"),
    "bom": ("warning", "harmless here; save without BOM for others"),
    "bad_gzip": ("error", "compress the file again, or upload it plain"),
    "file_too_large": ("error", "split the file into several datasets"),
    "empty_file": ("error", "put one JSON object on each line"),
    "line_too_long": ("error", "put one row on each line; split a huge row"),
    "not_json": ("error", "each line must be one complete JSON object"),
    "duplicate_key": ("error", "keep one of them, under one name each"),
    "lone_surrogate": ("error", "write the whole character, or remove what is left of it"),
    "too_deep": ("error", "flatten it, or write the inner part as text"),
    "other_file_kind": ("error", "convert it to JSON Lines in UTF-8, one JSON object on each line"),
    "not_object": ("error", "each line must be one JSON object in braces"),
    "unknown_format": ("error", DOCUMENTED),
    "ambiguous_format": ("error", "keep the keys of one format only"),
    "mixed_formats": ("error", ONE_FORMAT),
    "missing_field": ("error", "add the field"),
    "wrong_type": ("error", TYPE),
    "unknown_key": ("warning", "remove it, or check its spelling"),
    "unknown_role": ("error", "use system, user, assistant or tool"),
    "empty_content": ("error", "write the text, or remove this turn"),
    "unsupported_content": ("error", "use text"),
    "no_assistant": ("error", "add the assistant's answer"),
    "bad_weight": ("error", "use weight 0 or 1, on assistant turns only"),
    "all_weights_zero": ("error", "give at least one turn weight 1, or remove the row"),
    "bad_name": ("error", "use 1 to 64 of A-Z, a-z, 0-9, _ and -"),
    "bad_role_order": ("warning", TURNS),
    "tool_args_not_json": ("error", ARGUMENTS),
    "tool_call_unknown": ("error", "give the tool turn the id of its call"),
    "tool_call_unanswered": ("error", "add the tool turn with this id"),
    "tool_undeclared": ("error", "declare it in tools"),
    "chosen_equals_rejected": ("error", "give two different outputs"),
    "meta_count_mismatch": ("warning", "check that the file is complete, or correct the header"),
    "preference_not_trainable": ("warning", PREFERRED),
    "no_trainable_pairs": ("error", TRAINS),
    "too_few_examples": ("warning", "ten are few; fifty to a hundred good ones show an effect"),
    "too_long": ("error", LONG),
    "probably_too_long": (
        "warning",
        "validate with the base model's tokenizer, or shorten the row",
    ),
    "truncated": ("warning", CUT),
    "zero_trained_tokens": ("error", "check that the answer is not empty"),
    "template_refused": ("error", ORDER),
    "template_unsupported": (
        "error",
        "put the turns into the usual order, or choose another base model",
    ),
    "template_drops_content": ("error", SPLIT_TURN),
    "template_drops_reasoning": ("error", THINKING),
    "template_drops_tool_call": ("error", CALLS),
    "template_drops_tools": ("error", TOOLS),
    "template_drops_system": ("error", FIRST_QUESTION),
    "too_many_answers": ("error", "split the row into several with fewer answers"),
    "chat_template_missing": ("error", "choose a base model made for chat"),
    "end_of_turn_missing": ("error", "choose another base model"),
    "special_token_in_text": ("warning", "remove it, unless it is meant"),
    "duplicate_exact": ("warning", "remove one, unless the repetition is meant"),
    "duplicate_near": ("warning", "remove one, unless the repetition is meant"),
    "in_both_splits": ("warning", "remove it from one of the two"),
    "pii_search_ended": (
        "warning",
        "look through the rest of the file yourself, if it may hold personal data",
    ),
    "too_many_rows": ("error", "split the file into several datasets"),
    "pii_suspect": ("warning", "remove personal data that the model must not repeat"),
    "secret_suspect": ("error", SECRET),
}

HINTS = {
    "this is not JSON: it ends in the middle": (
        "write the line whole: its quotes and brackets are not closed"
    ),
    "this is not JSON: unexpected ',' at character 82": "remove this comma: rows have none",
    "this is not JSON: the array is not closed": "write the array whole: it ends with a bracket",
    "this is not JSON: an element is missing": "remove the comma that is one too many",
    "this is not JSON: text follows the end of the array": "put all rows into it",
    "this is not JSON: unexpected '{' at character 82": "put a second row on a line of its own",
    "this is not JSON: unexpected '{' at character 83": "put a second row on a line of its own",
    'this is not JSON: unexpected "\'" at character 2': (
        "this is Python, not JSON; write it with json.dumps"
    ),
    "/messages: the field 'messages' is missing": "rename the key 'message' that stands here",
    "the key 'message' is not known and is ignored": "did you mean 'messages'?",
    "the key 'nmae' is not known and is ignored": "did you mean 'name'?",
    "the role 'Assistant' is not known": "did you mean 'assistant'?",
    "this should be a string, it is a number": "put it in quotes",
    "this should be a string, it is true or false": "put it in quotes",
    "this should be a list of turns, it is an object": "put it in [ ]",
    "this should be a list of tools, it is an object": "put it in [ ]",
}
"""What helps in a case of its own, by its message, or path and message; else its code's hint."""
