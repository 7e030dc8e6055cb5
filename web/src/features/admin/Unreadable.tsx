import { EmptyState } from "@/components/states/EmptyState";
import { CopyButton } from "@/components/CopyButton";
import { Loaded } from "@/components/states/Loaded";
import { ShowMore } from "@/components/ShowMore";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { Moment } from "@/components/values";
import { useUnreadable, type Unreadable as Item } from "./api/listUnreadable";
import { unreadableSentence } from "./words";

/** Records that wait for work and cannot be read: set aside, so that they cost nobody else a minute. */
export function Unreadable() {
  const query = useUnreadable();
  return (
    <Loaded query={query} what="What was set aside" skeleton={<Skeleton rows={4} height={72} />}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        return (
          <>
            <StateSentence text={unreadableSentence(items.length, query.hasNextPage)} kind="unreadable" />
            <p className="why">Whatever waits for work and cannot be read is set aside, so that everything else goes on. It is tried again an hour later: a later version may read it.</p>
            <div className="section">
              {items.length === 0 ? (
                <EmptyState title="Nothing is set aside.">What a function cannot read would be listed here for 30 days, with the reason.</EmptyState>
              ) : (
                <>
                  <Items items={items} />
                  <ShowMore query={query} />
                </>
              )}
            </div>
          </>
        );
      }}
    </Loaded>
  );
}

function Items({ items }: { items: Item[] }) {
  return (
    <div className="panel overflow-hidden">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Record</th>
            <th scope="col">Set aside</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.pk_read} ${item.sk_read}`}>
              <td className="wide">
                <span className="flex items-start gap-1">
                  <span className="min-w-0">
                    <code className="block wrap-anywhere text-ink">{item.pk_read}</code>
                    <code className="block wrap-anywhere">{item.sk_read}</code>
                  </span>
                  <CopyButton text={`${item.pk_read} ${item.sk_read}`} of={`the key of ${item.pk_read}`} />
                </span>
              </td>
              <td className="whitespace-nowrap">
                <Moment at={item.at} />
              </td>
              <td className="wide">
                <p className="font-code text-12 whitespace-pre-wrap">{item.why}</p>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
