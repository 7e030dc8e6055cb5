"""What a worker reports, when the API hears it and when it does not."""

from datetime import UTC, datetime

from brightrun.training.protocol import Point, Stage
from trainer_image.ipc.events import LineWritten, StageReached, StepTaken
from trainer_image.worker.report_queue import ReportQueue

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_board() -> ReportQueue:
    ticks = iter(range(1000))
    return ReportQueue(clock=lambda: float(next(ticks)), now=lambda: NOON)


def a_step(number: int, total: int = 200) -> StepTaken:
    point = Point(step=number, epoch=number / 100, timestamp=NOON, training_loss=1.0)
    return StepTaken(point=point, total_steps=total, eta_seconds=3.0)


def test_a_report_that_was_not_received_is_sent_again_unchanged() -> None:
    board = a_board()
    board.note(a_step(1))
    lost = board.next_report()
    board.note(a_step(2))

    assert board.next_report() == lost
    board.received()
    after = board.next_report()
    assert after.sequence == lost.sequence + 1
    assert [point.step for point in after.points] == [2]


def test_many_points_go_out_forty_at_a_time_in_order() -> None:
    board = a_board()
    for number in range(1, 91):
        board.note(a_step(number))

    sent = []
    while board.has_news:
        sent.append([point.step for point in board.next_report().points])
        board.received()

    assert sent == [list(range(1, 41)), list(range(41, 81)), list(range(81, 91))]


def test_a_stage_keeps_the_step_count_of_the_plan() -> None:
    board = a_board()
    board.note(StageReached(stage=Stage.TRAINING, total_steps=200))
    board.note(a_step(100))
    board.note(StageReached(stage=Stage.EVALUATING))

    report = board.next_report()
    assert (report.stage, report.step, report.total_steps) == (Stage.EVALUATING, 100, 200)
    assert report.progress_percent == 49.5


def test_a_line_longer_than_a_report_allows_is_shortened() -> None:
    board = a_board()
    board.note(LineWritten(message="x" * 5000))

    assert len(board.next_report().lines[0].message) == 2000


def test_while_the_api_is_away_the_oldest_lines_are_dropped() -> None:
    board = a_board()
    for number in range(500):
        board.say(str(number))

    assert board.next_report().lines[0].message == "100"
