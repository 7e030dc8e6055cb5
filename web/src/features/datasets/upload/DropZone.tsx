import { useId, useState, type DragEvent } from "react";
import { Icon } from "@/components/icons";
import type { Handle } from "./remember";

interface Props {
  onFile: (file: File, handle?: Handle) => void;
}

/** A place to drop a file on, which is also a button; on a phone only the button. */
export function DropZone({ onFile }: Props) {
  const id = useId();
  const [over, setOver] = useState(false);

  async function dropped(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const [item] = event.dataTransfer.items;
    const file = item?.getAsFile() ?? event.dataTransfer.files[0];
    if (file) onFile(file, await handleOf(item));
  }

  return (
    <label
      htmlFor={id}
      data-over={over || undefined}
      className="dropzone"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void dropped(event)}
    >
      <Icon name="upload" size={24} />
      <span className="strong max-tablet:hidden">Drop a .jsonl or .json file here, also .gz</span>
      <span className="btn pointer-events-none">Choose a file</span>
      <input
        id={id}
        type="file"
        className="sr-only"
        accept=".jsonl,.json,.gz"
        aria-label="Choose a .jsonl or .json file, also .gz"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
        }}
      />
    </label>
  );
}

/** A handle that outlives the tab, where the browser gives one. */
async function handleOf(item: DataTransferItem | undefined): Promise<Handle | undefined> {
  const asking = item as { getAsFileSystemHandle?: () => Promise<Handle | null> } | undefined;
  return (await asking?.getAsFileSystemHandle?.().catch(() => null)) ?? undefined;
}
