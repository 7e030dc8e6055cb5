import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Badge } from "@/components/Badge";
import { Loaded } from "@/components/states/Loaded";
import { ShowMore } from "@/components/ShowMore";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { Moment } from "@/components/values";
import { count, counted, money } from "@/lib/format";
import { useUsers, type UserRow } from "./api/listUsers";
import { GoToUser } from "./GoToUser";
import { UserLimit } from "./UserLimit";

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, one) => total + one, 0);

/** Who uses it and what it costs; a row leads to the user, and opens the limit. */
export function Users() {
  const query = useUsers();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Loaded query={query} what="The users" skeleton={<Skeleton rows={5} height={48} />}>
      {({ pages }) => {
        const users = pages.flatMap((page) => page.users);
        return (
          <>
            <StateSentence text={sentence(users, query.hasNextPage)} kind="users" />
            <div className="panel section overflow-hidden">
              <table className="table num">
                <thead>
                  <tr>
                    <th scope="col">User</th>
                    <th scope="col">Last seen</th>
                    <th scope="col" className="n">
                      Datasets
                    </th>
                    <th scope="col" className="n">
                      Jobs
                    </th>
                    <th scope="col" className="n">
                      Models
                    </th>
                    <th scope="col" className="n">
                      Spent this month
                    </th>
                    <th scope="col">
                      <span className="sr-only">Limit</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {users.map((user) => (
                    <Row key={user.user_id} user={user} isOpen={open === user.user_id} toggle={() => setOpen(open === user.user_id ? null : user.user_id)} />
                  ))}
                </tbody>
              </table>
            </div>
            <ShowMore query={query} />
            <GoToUser />
          </>
        );
      }}
    </Loaded>
  );
}

function sentence(users: UserRow[], isMore: boolean): string {
  if (users.length === 0) return "Nobody yet; a user is known from the first dataset on.";
  const spent = users.reduce((total, user) => total + user.spent_this_month, 0);
  return isMore ? `The first ${counted(users.length, "user")} spent ${money(spent)} this month.` : `${counted(users.length, "user")} spent ${money(spent)} this month.`;
}

function Row({ user, isOpen, toggle }: { user: UserRow; isOpen: boolean; toggle: () => void }) {
  return (
    <>
      <tr>
        <td className="wide align-middle">
          <Link to="/admin/users/$id" params={{ id: user.user_id }} className="max-tablet:flex max-tablet:min-h-11 max-tablet:items-center">
            <code>{user.user_id}</code>
          </Link>
          {user.disabled_at ? (
            <span className="ml-2 max-tablet:ml-0">
              <Badge mark={{ word: "Shut out", tone: "bad" }} title={`Since ${user.disabled_at}`} />
            </span>
          ) : null}
        </td>
        <td className="align-middle whitespace-nowrap" data-label="seen">
          <Moment at={user.seen_at} />
        </td>
        <td className="n align-middle" data-label="datasets">
          {count(sum(user.datasets))}
        </td>
        <td className="n align-middle" data-label="jobs" title={Object.entries(user.jobs).map(([status, n]) => `${n} ${status}`).join(", ")}>
          {count(sum(user.jobs))}
        </td>
        <td className="n align-middle" data-label="models">
          {count(sum(user.models))}
        </td>
        <td className="n align-middle" data-label="spent">
          <b>{money(user.spent_this_month)}</b>
        </td>
        <td className="n align-middle !py-1.5 max-tablet:basis-full">
          <button type="button" className="btn btn-quiet max-tablet:!justify-start max-tablet:!px-0" aria-expanded={isOpen} aria-label={`Limit of ${user.user_id}`} onClick={toggle}>
            Limit
          </button>
        </td>
      </tr>
      {isOpen ? (
        <tr>
          <td colSpan={7} className="wide bg-sunken max-tablet:!rounded-2 max-tablet:!p-4">
            <UserLimit user={user.user_id} />
          </td>
        </tr>
      ) : null}
    </>
  );
}
