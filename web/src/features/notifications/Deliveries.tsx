import { Badge } from "@/components/Badge";
import { Loaded } from "@/components/states/Loaded";
import { Skeleton } from "@/components/states/Skeleton";
import { Moment } from "@/components/values";
import { counted } from "@/lib/format";
import type { Mark } from "@/lib/status";
import { useDeliveries, type Delivery } from "./api/listDeliveries";

const MARKS: Record<NonNullable<Delivery["status"]>, Mark> = {
  pending: { word: "On its way", tone: "wait" },
  sent: { word: "Sent", tone: "good" },
  failed: { word: "Failed", tone: "bad" },
};
const CHANNELS: Record<Delivery["channel"], string> = { email: "E-mail", webhook: "Webhook", endpoint: "Webhook of /v1" };

/** What was sent out of the house lately, and what went wrong with it. */
export function Deliveries() {
  const query = useDeliveries();
  return (
    <div className="mt-6">
      <h3 className="mb-3">Last deliveries</h3>
      <Loaded query={query} what="The deliveries" skeleton={<Skeleton rows={2} height={44} />}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <p>Nothing was sent in the last 30 days.</p>
          ) : (
            <div className="panel overflow-hidden">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">What</th>
                    <th scope="col">By</th>
                    <th scope="col">How it went</th>
                  </tr>
                </thead>
                <tbody>
                  {deliveries.map((one) => (
                    <Row key={`${one.notification_id}-${one.channel}-${one.webhook_endpoint_id ?? ""}`} delivery={one} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </div>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  const tries = delivery.tries ?? 0;
  return (
    <tr>
      <td className="whitespace-nowrap">
        <Moment at={delivery.sent_at ?? delivery.created_at} />
      </td>
      <td className="wide max-tablet:order-first max-tablet:font-medium max-tablet:!text-ink">{delivery.title}</td>
      <td>{CHANNELS[delivery.channel]}</td>
      <td className="wide">
        <Badge mark={MARKS[delivery.status ?? "pending"]} />
        {tries > 1 || delivery.last_error ? <span className="ml-2">{[counted(tries, "try", "tries"), delivery.last_error].filter(Boolean).join("; ")}</span> : null}
      </td>
    </tr>
  );
}
