import { Tabs } from "radix-ui";
import { useState } from "react";
import { CopyButton } from "@/components/CopyButton";
import { Section } from "@/components/Section";
import type { Model } from "./api/getModel";
import { toCheck, withTransformers, withVllm } from "./snippets";

const PINNED = "The base model’s revision is pinned: another revision is another model.";

export function UseIt({ model }: { model: Model }) {
  const ways = [
    { key: "peft", label: "Transformers + PEFT", code: withTransformers(model), says: PINNED },
    { key: "vllm", label: "vLLM", code: withVllm(model, model.configuration.hyperparameters.rank ?? 16), says: PINNED },
    { key: "check", label: "Check the files", code: toCheck(model, model.manifest), says: "Run where the files lie; on a Mac the command is shasum -a 256 -c -." },
  ] as const;
  const [open, setOpen] = useState<string>("peft");
  const code = ways.find((way) => way.key === open)?.code ?? "";
  return (
    <Section title="Use it" flush>
      <Tabs.Root value={open} onValueChange={setOpen} className="panel px-5 pt-2 pb-5 max-tablet:px-4">
        <div className="relative">
          <Tabs.List className="tabs tablet:pr-10" aria-label="Ways to use it">
            {ways.map((way) => (
              <Tabs.Trigger key={way.key} value={way.key}>
                {way.label}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          <span className="absolute top-1.5 right-0 max-tablet:hidden">
            <CopyButton text={code} of="these commands" />
          </span>
        </div>
        {ways.map((way) => (
          <Tabs.Content key={way.key} value={way.key}>
            {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard */}
            <pre className="code" tabIndex={0} role="region" aria-label={way.label}>
              {way.code}
            </pre>
            <div className="mt-3 flex items-start justify-between gap-3">
              <p className="cap">{way.says}</p>
              <span className="tablet:hidden">
                <CopyButton text={way.code} of="these commands" />
              </span>
            </div>
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </Section>
  );
}
