const STAR = "M10 1.8l2.5 5.3 5.8.7-4.3 4 1.1 5.7L10 14.7l-5.1 2.8L6 11.8l-4.3-4 5.8-.7z";
const WORDS = ["Unknown", "Very poor", "Poor", "Fair", "Good", "Excellent"];

export function starsWord(stars: number): string {
  return WORDS[stars] ?? "Unknown";
}

/** Quality out of five, with its word for screen readers. */
export function Stars({ value }: { value: number }) {
  return (
    <span className="inline-flex gap-0.5 align-[-2px]" role="img" aria-label={`${value} of 5 stars`}>
      {[1, 2, 3, 4, 5].map((n) => (
        <svg key={n} width="17" height="17" viewBox="0 0 20 20" aria-hidden="true" fill={n <= value ? "var(--star)" : "var(--star-off)"}>
          <path d={STAR} />
        </svg>
      ))}
    </span>
  );
}
