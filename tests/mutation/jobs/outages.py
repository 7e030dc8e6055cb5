"""Faults that let an outage of our own end a healthy run, or leave a sick one on its GPU."""

from tests.mutation.jobs_files import a_fault

FAULTS = (
    a_fault(
        "silence counts while nobody could hear",
        "jobs/execution/reconcile.py",
        "        heard = moment if listening_since is None else max(moment, listening_since)\n",
        "        heard = moment\n",
        "pipeline/outages::an_outage_of_our_own_does_not_kill_a_healthy_run",
    ),
    a_fault(
        "nobody looks whether our own API answers",
        "functions/process_jobs/watch.py",
        "answers=deps.api_answers()",
        "answers=True",
        "pipeline/outages::an_outage_of_our_own_does_not_kill_a_healthy_run",
    ),
    a_fault(
        "no grace once it answers again",
        "ports/dynamodb/heartbeats.py",
        '        return _noted(table, "heard_since")\n',
        "        return None\n",
        "pipeline/outages::an_outage_of_our_own_does_not_kill_a_healthy_run",
    ),
    a_fault(
        "our own absence is a worker's silence",
        "functions/process_jobs/app.py",
        '    if heartbeats.was_away(deps.table, "process_jobs", deps.now()):\n',
        "    if not deps:\n",
        "pipeline/outages::after_an_absence_of_our_own_functions_a_run_is_given_time",
    ),
    a_fault(
        "a worker that is silent while we listen is left alone",
        "jobs/execution/reconcile.py",
        "        late = since(attempt.last_report_at) > limits.heartbeat_lease_seconds\n",
        "        late = since(attempt.last_report_at) < 0\n",
        "pipeline/outages::a_worker_that_is_silent_while_we_listen_is_given_up",
    ),
    a_fault(
        "a worker that could not reach us has used up an attempt",
        "jobs/execution/run_over.py",
        "    if heard_since is not None and heard_since > asked_at:\n",
        "    if not asked_at:\n",
        "unit/jobs/run_over::a_worker_that_could_not_reach_us_has_used_up_no_attempt",
    ),
    a_fault(
        "a worker stops training when a report is not heard",
        "trainer_image/worker/reporter.py",
        "            except ApiUnreachable:\n",
        "            except ApiUnreachable as away:\n"
        '                raise Superseded("nobody hears") from away\n'
        "            except ZeroDivisionError:\n",
        "trainer/worker/attempt::a_lost_report_is_sent_again",
    ),
    a_fault(
        "a trained model is given up as soon as a run is",
        "trainer_image/worker/attempt.py",
        "                self.api.wait_longer()\n",
        "",
        "trainer/worker/delivery_outage::a_trained_model_is_told_of_when_the_api_is_back",
    ),
    a_fault(
        "a checkpoint that cannot be sent ends the run",
        "trainer_image/worker/checkpoint_uploader.py",
        "        except (ApiUnreachable, ApiRefused, RunFailed) as error:\n",
        "        except ApiRefused as error:\n",
        "unit/trainer/checkpoint_uploader::"
        "a_checkpoint_that_cannot_be_sent_does_not_end_the_sending",
    ),
)
