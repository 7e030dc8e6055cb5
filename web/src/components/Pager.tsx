import { count } from "@/lib/format";
import { Icon } from "./icons";

interface Props {
  page: number;
  pages: number;
  total: number;
  /** "jobs" */
  of: string;
  go: (page: number) => void;
}

/** Page by page; absent where one page holds everything. */
export function Pager({ page, pages, total, of, go }: Props) {
  if (pages <= 1) return null;
  return (
    <nav className="mt-4 flex items-center justify-end gap-2" aria-label={`Pages of ${of}`}>
      <span className="cap num mr-2">
        page {count(page)} of {count(pages)}, {count(total)} {of}
      </span>
      <button type="button" className="btn" disabled={page <= 1} onClick={() => go(page - 1)}>
        <Icon name="left" size={16} /> Newer
      </button>
      <button type="button" className="btn" disabled={page >= pages} onClick={() => go(page + 1)}>
        Older <Icon name="right" size={16} />
      </button>
    </nav>
  );
}
