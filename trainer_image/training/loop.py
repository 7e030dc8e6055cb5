"""The run: steps, validation, checkpoints, early stopping, stopping when asked."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from brightrun.training.configuration import Hyperparameters
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import Point
from trainer_image.data.batches import TokenRow
from trainer_image.data.sampling import Plan, Step
from trainer_image.ipc.events import Event, LineWritten, StepTaken
from trainer_image.ipc.failures import RunFailed, RunStopped
from trainer_image.machine.gpu import Load
from trainer_image.machine.load_sampler import LoadSampler
from trainer_image.training import checkpoint
from trainer_image.training.checkpoint import CheckpointUnusable, LaidOut
from trainer_image.training.checkpoint_writer import CheckpointWriter
from trainer_image.training.losses import row_losses
from trainer_image.training.lr_schedule import learning_rate
from trainer_image.training.memory_plan import MemoryPlan
from trainer_image.training.pace import Pace
from trainer_image.training.progress import Progress
from trainer_image.training.step import StepResult, TrainStep


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """What the loop is told besides the hyperparameters.

    Attributes:
        identity: see `RunState`.
        checkpoint_seconds: a checkpoint is due this long after the last one, and at epoch ends.
        clock: seconds, from wherever.
    """

    folder: Path
    identity: str
    checkpoint_seconds: float
    layout: MemoryPlan
    emit: Callable[[Event], None]
    stop_wanted: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic


class Loop:
    """Runs the plan to its end. Bit-exact after `resume` on CPU, dropout included."""

    def __init__(
        self, learner: TrainStep, held_out: Sequence[TokenRow], settings: LoopSettings
    ) -> None:
        self.learner, self.held_out, self.settings = learner, held_out, settings
        self.progress = Progress()
        self._saved_at = self.settings.clock()
        self._saved_step: int | None = None
        self._pace = Pace()
        self._writer = CheckpointWriter(settings.folder, self._emit)
        self._load = LoadSampler()
        self._restored_once = False

    @property
    def plan(self) -> Plan:
        return self.learner.plan

    @property
    def hyperparameters(self) -> Hyperparameters:
        return self.learner.hyperparameters

    def resume(self, folder: Path) -> None:
        """Continue from the checkpoint files in `folder`; start over if they are of no use."""
        try:
            self._restore(folder)
        except CheckpointUnusable as error:
            self._warn(f"starting over: {error.failure.message}")
        else:
            self.progress.resumed_from = self.progress.step

    def run(self) -> Progress:
        """Take every remaining step.

        Raises:
            RunStopped: asked to stop; a checkpoint of the last whole step exists.
            RunFailed: the loss is not finite twice, or memory does not suffice.
        """
        self._saved_at = self.settings.clock()
        self._pace = Pace(before_seconds=self.progress.training_seconds)
        if self.learner.ranks.leads and not checkpoint.found(self.settings.folder):
            self._write(told=False)  # a first step that goes wrong has to go back to something
        while self.progress.step < self.plan.total_steps and not self.progress.ended_early:
            self._take(self.plan.step(self.progress.step))
        self._writer.finish()
        return self.progress

    def _take(self, step: Step) -> None:
        began = self.settings.clock()
        result = self.learner.gradients(step, stop_wanted=self.settings.stop_wanted)
        self._note_layout(step)
        if result.stop_wanted:
            self._halt()
        if not result.is_finite:
            self._recover(step, result)
            return
        rate = learning_rate(step.number, self.plan.total_steps, self.hyperparameters)
        self.learner.apply(rate)
        self.progress.step = step.number + 1
        self.progress.trained_tokens += step.tokens
        seconds = self.settings.clock() - began
        self._pace.take(step.tokens, seconds)
        self.progress.training_seconds = self._pace.training_seconds
        ends_epoch = self.progress.step % self.plan.steps_per_epoch == 0
        validation = self._validate() if ends_epoch and self.held_out else None
        self._report(step, result, rate, seconds, validation)
        if ends_epoch or self._checkpoint_due():
            self._save()

    def _halt(self) -> NoReturn:
        """Keep the state after the last whole step; what was computed of this one is nothing yet.

        A step can take longer than the minutes until a machine is taken away.
        """
        if self.progress.step and self._saved_step != self.progress.step:
            self._save()
        self._writer.finish()
        raise RunStopped(self.progress.step)

    def _note_layout(self, step: Step) -> None:
        """Remember how this step was computed, if it is not how the one before it was."""
        learner, noted = self.learner, self.progress.layouts
        now = LaidOut(
            step=step.number + 1,
            micro_step_tokens=learner.budget_tokens,
            checkpointed_layers=learner.checkpointed_layers,
            unpacked=learner.unpacked,
        )
        if not noted or now.model_copy(update={"step": noted[-1].step}) != noted[-1]:
            noted.append(now)

    def _report(
        self, step: Step, result: StepResult, rate: float, seconds: float, validation: float | None
    ) -> None:
        load = self._load.take() if self.learner.ranks.leads else Load()
        point = Point(
            step=self.progress.step,
            epoch=self.progress.step / self.plan.steps_per_epoch,
            timestamp=datetime.now(UTC),
            training_loss=result.loss,
            validation_loss=validation,
            learning_rate=rate,
            gradient_norm=result.gradient_norm,
            throughput_tokens_per_second=step.tokens / seconds,
            supervised_tokens=step.supervised_tokens,
            total_tokens=step.tokens,
            padding_tokens=result.padding_tokens,
            flops_utilization_percent=self._flops_utilization(step, seconds),
            gpu_utilization_percent=load.utilization_percent,
            gpu_memory_gb=load.memory_gb,
            gpu_peak_memory_gb=self.learner.take_peak_gb(),
            step_seconds=seconds,
            eta_seconds=self._pace.eta_seconds(
                self.plan.total_steps - self.progress.step, self.settings.clock()
            ),
        )
        self.progress.points.append(point)
        total = self.plan.total_steps
        self._emit(StepTaken(point=point, total_steps=total, eta_seconds=point.eta_seconds))

    def _flops_utilization(self, step: Step, seconds: float) -> float | None:
        layout = self.settings.layout
        if layout.peak_flops is None:
            return None
        sizes = [self.plan.sizes[row] for row in step.rows]
        flops = layout.flops(sizes, self.learner.checkpointed_layers)
        return 100 * flops / (seconds * layout.peak_flops * self.learner.ranks.count)

    def _validate(self) -> float | None:
        """Score the held-out rows, remember the best weights, count evaluations without gain."""
        loss = row_losses(
            self.learner.model,
            self.held_out,
            device=self.learner.device,
            budget_tokens=self.learner.scoring_tokens,
            ranks=self.learner.ranks,
        ).mean
        progress = self.progress
        if math.isfinite(loss) and (progress.best_loss is None or loss < progress.best_loss):
            progress.best_loss, progress.best_step = loss, progress.step
            progress.without_gain = 0
            progress.best_adapter = self.learner.adapter.copy()
        else:
            progress.without_gain += 1
            patience = self.hyperparameters.early_stopping_patience
            progress.ended_early = 0 < patience <= progress.without_gain
        if not math.isfinite(loss):
            self._warn(f"step {progress.step}: the held-out loss is not finite")
            return None
        return loss

    def _checkpoint_due(self) -> bool:
        count = self.learner.adapter.values.numel()
        apart = checkpoint.seconds_apart(self.settings.checkpoint_seconds, count)
        return self.settings.clock() - self._saved_at >= apart

    def _save(self) -> None:
        """Keep this state on disk and say so, which is what has it uploaded."""
        self._saved_at = self.settings.clock()
        self._saved_step = self.progress.step
        if self.learner.ranks.leads:
            self._write()

    def _write(self, *, told: bool = True) -> None:
        self._writer.finish()  # before there are copies of two states
        progress = self.progress
        tensors = self.learner.state()
        if progress.best_adapter is not None and progress.best_step != progress.step:
            tensors["best_adapter"] = progress.best_adapter
        state = progress.as_state(self.settings.identity)
        self._writer.begin(state, tensors, told=told)

    def _restore(self, folder: Path) -> None:
        state, tensors = checkpoint.load(folder, self.settings.identity)
        best = tensors.get("best_adapter")
        if best is None and state.best_step == state.step:
            best = tensors["adapter"]
        self.learner.restore(tensors, state.step)
        if state.layouts:
            self.learner.budget_tokens = state.layouts[-1].micro_step_tokens
            self.learner.checkpoint_layers(state.layouts[-1].checkpointed_layers)
        self.progress = Progress.of_state(state, best, self.progress.resumed_from)

    def _recover(self, step: Step, result: StepResult) -> None:
        """Go back to the last checkpoint once: a flipped bit passes, a divergence comes again."""
        self._writer.finish()
        kept = checkpoint.found(self.settings.folder)
        if self._restored_once or not kept:
            raise RunFailed(
                FailureCode.NON_FINITE_LOSS,
                f"step {step.number + 1}: loss {result.loss}, gradient norm"
                f" {result.gradient_norm}; lower learning_rate, or look for damaged rows",
            )
        self._restored_once = True
        self._restore(kept[-1][1])
        self._pace = Pace(before_seconds=self.progress.training_seconds)
        self._warn(
            f"step {step.number + 1}: loss is not finite; going back to step {self.progress.step}"
        )

    def _warn(self, message: str) -> None:
        self._emit(LineWritten(level="warning", message=message))

    def _emit(self, event: Event) -> None:
        if self.learner.ranks.leads:
            self.settings.emit(event)
