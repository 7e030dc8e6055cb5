interface Part {
  share: number;
  className: string;
}

/** Parts of a whole in one bar; the words stand beside it, so it is hidden from screen readers. */
export function Meter({ parts }: { parts: Part[] }) {
  return (
    <div className="bar" aria-hidden="true">
      {parts
        .filter((part) => part.share > 0)
        .map((part) => (
          <span key={part.className} className={part.className} style={{ width: `${Math.min(100, part.share * 100)}%` }} />
        ))}
    </div>
  );
}
