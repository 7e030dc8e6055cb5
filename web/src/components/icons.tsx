/** Line drawings on a 20 px grid; always hidden from screen readers, the word stands beside them or in `aria-label`. */
const PATHS = {
  bell: "M5 13.5V9a5 5 0 0 1 10 0v4.5l1.2 1.5H3.8zM8.3 17.2a1.8 1.8 0 0 0 3.4 0",
  home: "M3 9.5 10 3.5l7 6V16a1 1 0 0 1-1 1h-3.5v-4.5h-5V17H4a1 1 0 0 1-1-1z",
  datasets: "M4 4h12M4 8h12M4 12h8M4 16h8",
  training: "M3 15.5 7.5 9l3.5 3.5L17 4.5M13 4.5h4v4",
  models: "m10 2.8 6.3 3.6v7.2L10 17.2l-6.3-3.6V6.4zM3.9 6.6 10 10l6.1-3.4M10 10v7",
  costs:
    "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0M12.3 7.6c-.5-.8-1.3-1.1-2.3-1.1-1.3 0-2.3.7-2.3 1.7 0 2.4 4.7 1.2 4.7 3.6 0 1-1 1.7-2.4 1.7-1.1 0-2-.4-2.5-1.2M10 5.2v9.6",
  copy: "M7.5 7.5h8.5v8.5h-8.5zM4 12.5v-8.5h8.5",
  check: "m4 10.5 4 4 8-9",
  down: "m5 8 5 5 5-5",
  left: "m12 5-5 5 5 5",
  right: "m8 5 5 5-5 5",
  download: "M10 3v9m-4-3.5 4 4 4-4M4 16.5h12",
  upload: "M10 13V4m-4 3.5 4-4 4 4M4 16.5h12",
  close: "m5 5 10 10M15 5 5 15",
  minus: "M5 10h10",
  plus: "M5 10h10M10 5v10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg className="ic" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
