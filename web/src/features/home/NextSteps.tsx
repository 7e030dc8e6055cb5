import { Link } from "@tanstack/react-router";
import { Section } from "@/components/Section";
import type { NextStep } from "./next-steps";

export function NextSteps({ steps }: { steps: NextStep[] }) {
  return (
    <Section title="What to do next" flush>
      <ul className="panel rows">
        {steps.map((step) => (
          <li key={step.key} className="flex items-center justify-between gap-4 px-6 py-4 max-tablet:flex-col max-tablet:items-stretch max-tablet:px-4">
            <div className="min-w-0">
              <b>{step.title}</b>
              <p className="line-clamp-2 text-13">{step.reason}</p>
            </div>
            <StepLink step={step} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function StepLink({ step }: { step: NextStep }) {
  const label = { className: "btn", "aria-label": `${step.action}: ${step.title}`, children: step.action };
  const params = { id: step.id };
  if (step.to === "job") return <Link to="/training/jobs/$id" params={params} {...label} />;
  if (step.to === "dataset") return <Link to="/datasets/$id" params={params} {...label} />;
  if (step.to === "model") return <Link to="/models/$id" params={params} {...label} />;
  if (step.to === "configure") return <Link to="/training/configure" search={{ dataset: step.id }} {...label} />;
  return <Link to="/datasets/new" search={{ resume: step.id }} {...label} />;
}
