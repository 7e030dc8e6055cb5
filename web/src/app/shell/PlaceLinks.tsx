import { Link } from "@tanstack/react-router";
import { Icon } from "@/components/icons";
import { PLACES } from "./places";

/** The five words: a row in the bar, or the tab bar at the foot of a phone. */
export function PlaceLinks({ className, icons = false }: { className: string; icons?: boolean }) {
  return (
    <nav className={className} aria-label="Main">
      {PLACES.map((place) => (
        <Link key={place.to} to={place.to} activeOptions={{ exact: place.to === "/" }} activeProps={{ "aria-current": "page" }}>
          {icons ? <Icon name={place.icon} /> : null}
          {place.label}
        </Link>
      ))}
    </nav>
  );
}
