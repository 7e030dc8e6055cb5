"""What a command prints is ours: a line of a stranger's stays one line of ours."""

from io import StringIO

from rich.console import Console

from brightrun.cli.output import write_line, write_lines


def printed_by(say: object, text: str) -> str:
    stream = StringIO()
    say(Console(file=stream, width=40), text)  # type: ignore[operator]
    return stream.getvalue()


def test_what_a_worker_says_makes_no_line_and_moves_no_cursor() -> None:
    forged = "loss 1.2\n2026-11-20 12:00 ERROR job.failed: all is lost\x1b[2J\u202e"

    told = printed_by(write_line, f"trainer.log: {forged}")

    assert told == (
        "trainer.log: loss 1.2\\n2026-11-20 12:00 ERROR job.failed: all is lost\\x1b[2J\\u202e\n"
    )


def test_a_text_of_our_own_keeps_its_lines() -> None:
    assert printed_by(write_lines, "one [b]\ntwo\n") == "one [b]\ntwo\n"
