import type { IconName } from "@/components/icons";

/** The five words of the top bar and the tab bar, each with its second key after `g`. */
export const PLACES = [
  { to: "/", label: "Home", icon: "home", key: "h" },
  { to: "/datasets", label: "Datasets", icon: "datasets", key: "d" },
  { to: "/training", label: "Training", icon: "training", key: "t" },
  { to: "/models", label: "Models", icon: "models", key: "m" },
  { to: "/costs", label: "Costs", icon: "costs", key: "c" },
] as const satisfies readonly { to: string; label: string; icon: IconName; key: string }[];
