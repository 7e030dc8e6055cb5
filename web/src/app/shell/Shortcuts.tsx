import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Dialog } from "@/components/Dialog";
import { KeyValues } from "@/components/KeyValues";
import { PLACES } from "./places";

const SOON = 1000;

/** `g` and then a letter goes to a page, `?` lists it. Nothing happens while somebody types. */
export function Shortcuts({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
  const navigate = useNavigate();
  const began = useRef(0);

  useEffect(() => {
    function pressed(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") setOpen(true);
      else if (event.key === "g") began.current = Date.now();
      else {
        const place = PLACES.find((one) => one.key === event.key);
        if (place && Date.now() - began.current < SOON) void navigate({ to: place.to });
        began.current = 0;
      }
    }
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [navigate, setOpen]);

  return (
    <Dialog open={open} onClose={() => setOpen(false)} title="Shortcuts">
      <KeyValues
        items={[
          ...PLACES.map((place) => [place.label, <Keys key={place.key} keys={["g", place.key]} />] as const),
          ["This list", <Keys key="?" keys={["?"]} />] as const,
        ]}
      />
      <div className="dialog-acts">
        <button type="button" className="btn" onClick={() => setOpen(false)}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Keys({ keys }: { keys: string[] }) {
  return (
    <>
      {keys.map((key) => (
        <kbd key={key} className="ml-1 rounded-1 bg-sunken px-2 font-code text-12">
          {key}
        </kbd>
      ))}
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}
