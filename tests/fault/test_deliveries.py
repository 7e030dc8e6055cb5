"""RunPod delivers at least once: a run may reach two workers, and the wrong one may answer."""

from tests.support.fault_injection import Seam
from tests.support.invariants import wrongs_of
from tests.support.simulation import Life, a_life


def a_life_in_training() -> Life:
    life = a_life(Seam())
    life.create()
    life.live_until(lambda: any(worker.is_training for worker in life.workers))
    return life


def test_a_second_delivery_answered_at_once_does_not_cost_a_second_training() -> None:
    life = a_life_in_training()
    (run,) = life.world.runpod.runs.values()
    life.deliver(run)
    life.pass_by(1)
    answered = run.status
    life.send_webhook(run)
    life.tick()
    life.live_until_quiet()

    assert answered == "COMPLETED"
    assert wrongs_of(life) == []
    assert (life.world.job().status, life.world.job().attempt) == ("completed", 1)
    assert sum(worker.was_granted for worker in life.workers) == 1


def test_an_answer_that_ended_a_silent_worker_is_followed_by_the_next_attempt() -> None:
    life = a_life_in_training()
    (run,) = life.world.runpod.runs.values()
    life.workers[0].is_over = True
    run.status = "COMPLETED"
    life.live_until_quiet()

    assert wrongs_of(life) == []
    assert (life.world.job().status, life.world.job().attempt) == ("completed", 2)
