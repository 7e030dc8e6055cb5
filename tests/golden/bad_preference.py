"""What can be wrong with preference rows."""

from tests.golden.case import Bad, Expected

NOT_YET = Expected(
    0,
    "",
    "preference_not_trainable",
    "preference rows are stored and checked, but cannot be trained on yet",
)
INPUT = b'"input":{"messages":[{"role":"user","content":"q"}]}'
YES = b'"preferred_output":[{"role":"assistant","content":"yes"}]'
NO = b'"non_preferred_output":[{"role":"assistant","content":"no"}]'

CASES = (
    Bad("preference_not_trainable", b"{%s,%s,%s}" % (INPUT, YES, NO), (NOT_YET,)),
    Bad(
        "preference_outputs_equal",
        b"{%s,%s,%s}" % (INPUT, YES, NO.replace(b'"no"', b'"yes"')),
        (
            NOT_YET,
            Expected(
                1,
                "/non_preferred_output",
                "chosen_equals_rejected",
                "the preferred and the other output are the same",
            ),
        ),
    ),
    Bad(
        "preference_outputs_missing",
        b'{%s,"preferred_output":"yes"}\n{%s,%s}' % (INPUT, INPUT, YES),
        (
            NOT_YET,
            Expected(
                1,
                "/preferred_output",
                "wrong_type",
                "this should be a list of turns, it is a string",
                "yes",
            ),
            Expected(
                1,
                "/non_preferred_output",
                "missing_field",
                "the field 'non_preferred_output' is missing",
            ),
            Expected(
                2,
                "/non_preferred_output",
                "missing_field",
                "the field 'non_preferred_output' is missing",
            ),
        ),
    ),
    Bad(
        "preference_input_wrong",
        b'{"input":"q",%s,%s}\n{"input":{"prompt":"q"},%s,%s}\n{%s,%s}'
        % (YES, NO, YES, NO, YES, NO),
        (
            NOT_YET,
            Expected(1, "/input", "wrong_type", "this should be an object, it is a string", "q"),
            Expected(
                2,
                "/input/messages",
                "missing_field",
                "the field 'messages' is missing",
            ),
            Expected(
                2,
                "/input/prompt",
                "unknown_key",
                "the key 'prompt' is not known and is ignored",
                "q",
            ),
            Expected(3, "/input", "missing_field", "the field 'input' is missing"),
        ),
    ),
    Bad(
        "preference_input_ends_with_the_assistant",
        b'{"input":{"messages":[{"role":"user","content":"q"},'
        b'{"role":"assistant","content":"a"}]},%s,%s}' % (YES, NO),
        (
            NOT_YET,
            Expected(
                1,
                "/input/messages",
                "wrong_type",
                "the input must end with a turn of the user or of a tool",
            ),
        ),
    ),
    Bad(
        "preference_output_of_the_user",
        b"{%s,%s,%s}" % (INPUT, YES.replace(b"assistant", b"user"), NO),
        (
            NOT_YET,
            Expected(
                1,
                "/preferred_output/0/role",
                "unknown_role",
                "the role 'user' in an output is not known",
                "user",
            ),
        ),
    ),
)
