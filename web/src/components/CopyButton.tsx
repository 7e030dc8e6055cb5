import { useState } from "react";
import { announce } from "@/lib/announce";
import { Icon } from "./icons";

/** Copies a text; `of` names what, for the button's name: "Copy SHA-256 of README.md". */
export function CopyButton({ text, of, label, quiet = false }: { text: string; of: string; label?: string; quiet?: boolean }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce("Copied");
    window.setTimeout(() => setCopied(false), 2000);
  }
  if (label) {
    return (
      <button type="button" className={quiet ? "btn btn-quiet" : "btn"} onClick={copy}>
        {copied ? "Copied" : label}
      </button>
    );
  }
  return (
    <button type="button" className="icon-btn" aria-label={`Copy ${of}`} title={`Copy ${of}`} onClick={copy}>
      <Icon name={copied ? "check" : "copy"} size={16} />
    </button>
  );
}
