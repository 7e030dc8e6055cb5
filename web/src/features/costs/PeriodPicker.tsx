import { useMutation } from "@tanstack/react-query";
import { Popover } from "radix-ui";
import { useState } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Field } from "@/components/Field";
import { Icon } from "@/components/icons";
import { getCostsCsv } from "./api/getCostsCsv";
import type { Span } from "./api/getCosts";
import { isDates, wrongDates, type Period } from "./span";

const PERIODS = [
  { value: "week", label: "7 days" },
  { value: "month", label: "30 days" },
  { value: "year", label: "1 year" },
] as const;

interface Props {
  span: Span;
  /** The days that are shown. */
  shown: { start: string; end: string } | undefined;
  onPeriod: (period: Period) => void;
  onDates: (start: string, end: string) => void;
}

export function PeriodPicker({ span, shown, onPeriod, onDates }: Props) {
  return (
    <>
      <div className="seg max-tablet:basis-full *:whitespace-nowrap max-tablet:*:flex-1 max-tablet:*:!px-1" role="group" aria-label="Period">
        {PERIODS.map((one) => (
          <button key={one.value} type="button" aria-pressed={!isDates(span) && span.period === one.value} onClick={() => onPeriod(one.value)}>
            {one.label}
          </button>
        ))}
        <Dates key={`${shown?.start}-${shown?.end}`} isChosen={isDates(span)} shown={shown} onDates={onDates} />
      </div>
      <Csv span={span} shown={shown} />
    </>
  );
}

function Dates({ isChosen, shown, onDates }: { isChosen: boolean } & Pick<Props, "shown" | "onDates">) {
  const [open, setOpen] = useState(false);
  const [start, setStart] = useState(shown?.start ?? "");
  const [end, setEnd] = useState(shown?.end ?? "");
  const [tried, setTried] = useState(false);
  const wrong = wrongDates(start, end);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger data-state={isChosen ? "on" : "off"} aria-pressed={isChosen}>
        Dates …
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu w-72 !p-4" align="end" sideOffset={8} aria-label="First and last day">
          <form
            className="flex flex-col gap-3"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              setTried(true);
              if (wrong) return;
              setOpen(false);
              onDates(start, end);
            }}
          >
            <Field label="First day" type="date" value={start} onChange={(event) => setStart(event.target.value)} wrong={tried && wrong ? wrong : undefined} />
            <Field label="Last day" type="date" value={end} onChange={(event) => setEnd(event.target.value)} />
            <button type="submit" className="btn">
              Show these days
            </button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Csv({ span, shown }: Pick<Props, "span" | "shown">) {
  const csv = useMutation({
    mutationFn: () => getCostsCsv(span),
    onSuccess: (text) => save(text, shown ? `costs-${shown.start}-${shown.end}.csv` : "costs.csv"),
  });
  return (
    <>
      <button type="button" className="btn" disabled={csv.isPending} onClick={() => csv.mutate()}>
        <Icon name="download" size={18} />
        {csv.isPending ? "Saving …" : "CSV"}
      </button>
      <ErrorNote error={csv.error} />
    </>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 1000);
}
